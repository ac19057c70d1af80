"""The database killed under capture: what was answered 200 is there, what was not says when to come again."""

from __future__ import annotations

import os
import signal
import threading
import time
import uuid

import requests

from tests.sdks.capturing import POSTHOG, Capturing


def test_the_database_killed_while_events_come(server: Capturing):
    answers: dict[str, requests.Response] = {}
    stop = threading.Event()

    def send(number: int) -> None:
        with requests.Session() as web:
            while not stop.is_set():
                ident = str(uuid.uuid4())
                event = {"uuid": ident, "event": "during", "distinct_id": f"u{number}", "properties": {}}
                answers[ident] = web.post(
                    f"{server.address}/batch/", json={"api_key": POSTHOG, "batch": [event]}, timeout=60
                )

    threads = [threading.Thread(target=send, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    try:
        time.sleep(1)
        before = server.served.pid("postgres")
        assert before is not None
        os.kill(before, signal.SIGKILL)
        deadline = time.monotonic() + 60
        while server.served.pid("postgres") in {None, before} or not server.served.ready():
            assert time.monotonic() < deadline
            time.sleep(0.1)
        time.sleep(1)
    finally:
        stop.set()
        for thread in threads:
            thread.join()
    accepted = {ident for ident, answer in answers.items() if answer.status_code == 200}
    refused = [answer for answer in answers.values() if answer.status_code != 200]
    assert len(accepted) > 4
    assert {(answer.status_code, "retry-after" in answer.headers) for answer in refused} <= {(503, True)}
    assert accepted <= {row[0] for row in server.kept().rows}
