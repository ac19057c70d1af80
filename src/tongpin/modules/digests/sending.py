"""Talking to the vendors: the worker calls ``run_once`` when woken and at least every few seconds.

A message is sent at least once: no vendor takes a key by which it would know a second copy of one whose answer was
lost on the way.
"""

from __future__ import annotations

import requests
from django.conf import settings

from tongpin.kernel import clock, http, keyring
from tongpin.modules.digests.actions import queue
from tongpin.modules.digests.enums import Verdict, Why
from tongpin.modules.digests.models import Robot
from tongpin.modules.digests.vendors import VENDORS
from tongpin.modules.digests.vendors.base import Answer, WithPictures, one_line, wire

BATCH = 50
TOTAL = 20.0  # seconds of one call; far below the queue's lease
LONGEST_ANSWER = 64 * 1024  # bytes


def run_once() -> int:
    """Send what may be sent now, at most BATCH messages. Returns how many were tried."""
    for tried in range(BATCH):
        taken = queue.claim()
        if taken is None:
            return tried
        queue.settle(taken, _post(taken))
    return BATCH


def run_for(robot: Robot) -> None:
    """Send one message of this robot at once, if its pace allows: somebody waits for the answer."""
    taken = queue.claim(robot.pk)
    if taken is not None:
        queue.settle(taken, _post(taken))


def _post(taken: queue.Taken) -> Answer:
    vendor = VENDORS[taken.robot.vendor]
    try:
        address = keyring.decrypt(taken.robot.address)
        secret = keyring.decrypt(taken.robot.secret) if taken.robot.secret else ""
    except keyring.KeyLost:
        return Answer(Verdict.FIX, why=Why.KEY_LOST)
    body = vendor.card(taken.note)
    if taken.picture is not None and isinstance(vendor, WithPictures):
        body = vendor.picture(taken.picture)
    if secret:
        address, body = vendor.sign(address, body, secret, clock.now())
    try:
        with http.session(settings.ROBOT_HOSTS, limit=LONGEST_ANSWER, total=TOTAL) as web:
            answer = web.post(
                address,
                data=wire(body),
                headers={"Content-Type": "application/json; charset=utf-8"},
                allow_redirects=False,
            )
            return vendor.read_answer(answer.status_code, answer.headers, _text(answer))
    except (http.Refused, requests.exceptions.InvalidURL, requests.exceptions.SSLError) as error:
        return Answer(Verdict.FIX, _said(error), Why.ADDRESS)
    except requests.exceptions.RequestException as error:
        return Answer(Verdict.TROUBLE, _said(error), Why.UNREACHED)


def _text(answer: requests.Response) -> str:
    return answer.content.decode("utf-8", "replace")


def _said(error: Exception) -> str:
    """What went wrong without the address, which is a secret."""
    return one_line(str(error)) if isinstance(error, http.Refused) else type(error).__name__
