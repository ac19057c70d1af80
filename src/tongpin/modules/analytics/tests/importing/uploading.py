"""A small file of events, and what a browser does to bring it in."""

from __future__ import annotations

from tongpin.kernel.store import client as store_client
from tongpin.modules.analytics import import_jobs
from tongpin.modules.analytics.actions.flush import run_once
from tongpin.modules.analytics.models import EventImport

CSV = (
    "user_id,action,at,plan\n"
    "u1,import_view,2026-03-01 08:00:00,pro\n"
    "u2,import_view,never,pro\n"
    "u3,import_pay,2026-03-01 09:00:00,<b>free</b>\n"
    ",import_pay,2026-03-01 10:00:00,free\n"
)
CHOSEN = {"c0": "user", "c1": "event", "c2": "time", "c3": "property", "zone": "Asia/Shanghai"}


def begin(browser, here, name="events.csv", size=None, stamp=7):
    size = len(CSV) if size is None else size
    return browser.post(here + "files/", {"name": name, "size": size, "stamp": stamp})


def put(browser, url, at, content):
    return browser.post(f"{url}?at={at}", content, content_type="application/octet-stream")


def upload(browser, here, content=None, name="events.csv"):
    """The address of the page that asks what the columns are."""
    content = CSV.encode() if content is None else content
    told = begin(browser, here, name, len(content)).json()
    while not told["next"]:
        answer = put(browser, told["url"], told["at"], content[told["at"] : told["at"] + told["part"]])
        assert answer.status_code == 200, answer.content
        told = answer.json()
    return told["next"]


def started(browser, here, chosen=CHOSEN, content=None):
    answer = browser.post(upload(browser, here, content) + "start/", chosen)
    assert answer.status_code == 302, answer.content.decode()
    return EventImport.objects.get(public_id=answer.headers["Location"].rstrip("/").rsplit("/", 1)[-1])


def read(row, context=None):
    import_jobs.read_file.func(context, str(row.public_id))
    row.refresh_from_db()


def stored():
    while run_once():
        pass
    return store_client.query(
        "SELECT distinct_id, event, toString(timestamp, 'UTC') FROM events ORDER BY timestamp"
    ).rows
