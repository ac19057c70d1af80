"""What a row becomes."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import UUID, uuid4

import pytest
from pydantic import ValidationError

from tongpin.modules.analytics.importing.mapping import IMPORT, Columns, Rows, guess
from tongpin.modules.analytics.wire.telling import Unfit

SOURCE, NAMED = uuid4(), uuid4()
ROW = {"user": "u1", "event": "view", "at": "2026-03-01 08:00:00", "page": "/a"}


def rows(**columns) -> Rows:
    given = {"event": "event", "user": "user", "time": "at", "zone": "Asia/Shanghai", **columns}
    return Rows(Columns(**given), SOURCE, NAMED)


def test_what_has_no_role_is_a_property():
    record = rows().record({**ROW, "amount": "007", "tags": ["a"], "nothing": None})
    assert (record.event, record.distinct_id) == ("view", "u1")
    assert record.properties == {"page": "/a", "amount": "007", "tags": ["a"], IMPORT: str(NAMED)}


def test_an_object_of_properties_gives_its_keys():
    record = rows().record({**ROW, "properties": {"plan": "pro", "n": 1}})
    assert record.properties == {"page": "/a", "plan": "pro", "n": 1, IMPORT: str(NAMED)}


@pytest.mark.parametrize(
    ("said", "at"),
    [
        ("2026-03-01 08:00:00", datetime(2026, 3, 1, 0, tzinfo=UTC)),
        ("2026-03-01T08:00:00.123456+02:00", datetime(2026, 3, 1, 6, 0, 0, 123000, tzinfo=UTC)),
        ("2026-03-01T08:00:00Z", datetime(2026, 3, 1, 8, tzinfo=UTC)),
        ("20260301", datetime(2026, 2, 28, 16, tzinfo=UTC)),
        (1772323200, datetime(2026, 3, 1, 0, tzinfo=UTC)),
        ("1772323200000", datetime(2026, 3, 1, 0, tzinfo=UTC)),
        # ISO 8601 would read the 12th of May 1771 there, 12:00.
        ("1771051201200", datetime(2026, 2, 14, 6, 40, 1, 200000, tzinfo=UTC)),
    ],
)
def test_times_as_files_have_them(said, at):
    assert rows().record({**ROW, "at": said}).at == at


def test_a_time_that_the_clocks_skip_or_repeat_is_still_one_time():
    made = rows(zone="Europe/Berlin")
    assert made.record({**ROW, "at": "2026-03-29 02:30:00"}).at == datetime(2026, 3, 29, 1, 30, tzinfo=UTC)
    assert made.record({**ROW, "at": "2026-10-25 02:30:00"}).at == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    "change",
    [{"user": None}, {"user": ""}, {"event": ""}, {"at": "soon"}, {"at": None}, {"at": "0001-01-01"}],
)
def test_a_row_that_is_no_event_says_which_column(change):
    with pytest.raises(Unfit) as unfit:
        rows().record({**ROW, **change})
    assert next(iter(change)) in unfit.value.detail


def test_the_same_file_again_gives_the_same_ids_and_rows_alike_are_different_events():
    def ids() -> list[UUID]:
        made = rows()
        return [made.record(row).uuid for row in (ROW, ROW, {**ROW, "page": "/b"}, ROW)]

    first = ids()
    assert first == ids()
    assert len(set(first)) == 4
    assert (
        Rows(Columns(event="event", user="user", time="at", zone="Asia/Shanghai"), uuid4(), NAMED)
        .record(ROW)
        .uuid
        != first[0]
    )


def test_an_id_of_its_own_decides_and_must_be_there():
    made = rows(id="eid")
    own = uuid4()
    assert made.record({**ROW, "eid": str(own)}).uuid == own
    assert made.record({**ROW, "eid": "42"}).uuid == made.record({**ROW, "page": "/z", "eid": 42}).uuid
    with pytest.raises(Unfit):
        made.record(ROW)


def test_a_customer_and_one_name_for_every_row():
    record = rows(event="", name="purchase", customer="shop", customer_kind="store").record(
        {**ROW, "shop": 7}
    )
    assert record.event == "purchase"
    assert record.customers == {"store": "7"}
    assert record.properties["event"] == "view"


def test_hostile_cells_lose_what_no_database_can_hold():
    record = rows().record({**ROW, "user": "a\x00b", "page": "<script>\x00", "deep": {"x": [{}]}})
    assert record.distinct_id == "ab"
    assert record.properties["page"] == "<script>"
    nested: dict = {}
    for _ in range(70):
        nested = {"x": nested}
    with pytest.raises(Unfit):
        rows().record({**ROW, "deep": nested})


def test_roles_are_told_from_usual_names():
    assert guess(["Event Name", "Timestamp", "user_id", "uuid", "plan"], "UTC") == {
        "time": "Timestamp", "user": "user_id", "id": "uuid", "zone": "UTC",
    }  # fmt: skip
    assert guess(["事件", "用户", "时间"], "UTC")["event"] == "事件"


def test_a_role_nobody_knows_is_refused():
    with pytest.raises(ValidationError):
        Columns(user="u", time="t", page="p")


def test_what_is_longer_than_sdks_may_send_is_refused():
    made = rows(customer="company")
    assert made.record({**ROW, "company": "c" * 200}).customers == {"company": "c" * 200}
    for change in ({"company": "c" * 201}, {"text": "x" * (1 << 20)}):
        with pytest.raises(Unfit) as unfit:
            made.record({**ROW, **change})
        assert unfit.value.reason == "size"
