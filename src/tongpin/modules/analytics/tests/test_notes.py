"""Notes through their pages, the API and the door: written, changed, taken back, and by whom."""

from __future__ import annotations

import json

import pytest
from tests.api.conftest import program_of

from tongpin.kernel.errors import Invalid
from tongpin.kernel.events.models import Event
from tongpin.modules.analytics.actions.note import (
    add_note,
    choose_markers,
    delete_note,
    edit_note,
    restore_note,
    set_markers,
)
from tongpin.modules.analytics.marker_sources import HOLIDAYS, NOTES
from tongpin.modules.analytics.models import MarkerChoice, Note
from tongpin.modules.workspaces.tests.denied import unchanged

__all__ = ["program_of"]

pytestmark = pytest.mark.django_db

LIST = "/w/acme/data/markers/"
ADD = LIST + "add/"
HTMX = {"headers": {"HX-Request": "true"}}
GIVEN = {"first": "2026-03-01", "text": "Outage"}


@pytest.fixture
def kept(people, actor_of):
    """The member's note."""
    return add_note.run(actor_of("member"), GIVEN).value


def page_of(row, part=""):
    return f"{LIST}{row.public_id}/{part}"


def text(answer):
    return answer.content.decode()


def undo(client, answer):
    token = json.loads(answer.headers["HX-Trigger"])["toast"]["undo"]
    assert client.post("/undo/", {"token": token}).status_code == 204


def rows():
    """Every note and choice, and what was written of them."""
    told = Event.objects.filter(name__startswith="analytics.").count()
    of_notes = list(Note._base_manager.order_by("pk").values())
    return of_notes, list(MarkerChoice._base_manager.order_by("pk").values()), told


def test_a_note_is_written_on_a_chart_and_taken_back(people, client_of):
    client = client_of("member")
    answer = client.post(ADD, GIVEN | {"link": "https://acme.example/x"}, **HTMX)
    assert answer.status_code == 200
    assert 'value="Outage"' not in text(answer), "the form is empty for the next one"
    row = Note.objects.get()
    assert (str(row.first), str(row.last), row.text) == ("2026-03-01", "2026-03-01", "Outage")
    assert row.owner.user == people.member.user
    undo(client, answer)
    assert "Outage" not in text(client.get(LIST))


@pytest.mark.parametrize(
    ("data", "said"),
    [
        ({"first": "", "text": "x"}, "required"),
        ({"first": "2026-02-30", "text": "x"}, "valid date"),
        ({"first": "2026-03-01", "text": " "}, "required"),
        ({"first": "2026-03-01", "text": "x" * 201}, "200"),
        ({"first": "2026-03-01", "last": "2026-02-28", "text": "x"}, "before the first"),
        ({"first": "1066-10-14", "text": "x"}, "Days lie between"),
        ({"first": "2026-03-01", "text": "x", "link": "javascript:alert(1)"}, "https://"),
        ({"first": "2026-03-01", "text": "x", "link": "https://"}, "https://"),
    ],
)
@pytest.mark.parametrize("place", ["", "list"])
def test_what_is_wrong_is_said_and_nothing_is_kept(people, client_of, data, said, place):
    answer = client_of("member").post(ADD, data | {"from": place}, **HTMX)
    assert answer.status_code == 422
    assert said in text(answer)
    assert not Note.objects.exists()


def test_it_is_changed_on_its_page_and_changed_back(kept, client_of):
    client = client_of("member")
    shown = {
        "initial-first": "2026-03-01",
        "initial-last": "2026-03-01",
        "initial-text": "Outage",
        "initial-link": "",
    }
    data = {"first": "2026-03-02", "last": "2026-03-04", "text": "Sale", "link": ""}
    answer = client.post(page_of(kept), shown | data, **HTMX)
    assert answer.status_code == 200
    row = Note.objects.get()
    assert (str(row.first), str(row.last), row.text) == ("2026-03-02", "2026-03-04", "Sale")
    undo(client, answer)
    row.refresh_from_db()
    assert (str(row.first), str(row.last), row.text) == ("2026-03-01", "2026-03-01", "Outage")
    wrong = client.post(page_of(kept), shown | data | {"last": "2026-03-01"}, **HTMX)
    assert wrong.status_code == 422
    assert "before the first" in text(wrong)


def test_it_is_deleted_and_brought_back(kept, client_of):
    client = client_of("member")
    answer = client.post(page_of(kept, "delete/"), **HTMX)
    assert "Outage" not in text(answer).split("marker-rows")[-1]
    assert client.get(page_of(kept)).status_code == 404
    undo(client, answer)
    assert client.get(page_of(kept)).status_code == 200


def test_the_list_by_day_by_text_by_kind_and_in_pieces(people, actor_of, client_of):
    for n in range(1, 54):
        day = f"2026-{1 + n // 28:02d}-{1 + n % 28:02d}"
        add_note.run(actor_of("owner"), {"first": day, "text": f"Note {n:02d}"})
    client = client_of("member")
    first = text(client.get(LIST))
    assert first.index("Note 53") < first.index("Note 52")
    assert "Note 03" not in first
    cursor = first.split("cursor=")[1].split('"')[0].split("&")[0]
    following = text(client.get(LIST, {"cursor": cursor}))
    assert "Note 03" in following
    assert "Note 04" not in following
    assert "Note 51" not in text(client.get(LIST, {"q": "te 07"}))
    assert "No note fits" in text(client.get(LIST, {"q": "zzz"}))
    year = text(client.get(LIST, {"kind": "analytics.shopping", "year": "2026"}))
    assert "618 sales" in year
    assert "Note 53" not in year
    assert "?kind=analytics.shopping&amp;year=2025" in year
    assert client.get(LIST, {"kind": "no.such", "year": "99999999999"}).status_code == 200


def test_the_list_as_a_file(kept, actor_of, client_of):
    add_note.run(actor_of("owner"), {"first": "2026-03-05", "text": "=1+1", "link": "https://acme.example/"})
    answer = client_of("member").get(LIST + "markers.csv")
    lines = b"".join(answer.streaming_content).decode().removeprefix("\ufeff").splitlines()
    assert lines[0] == "First day,Last day,What happened,Link,Written by"
    assert lines[1].startswith("2026-03-05,2026-03-05,'=1+1,https://acme.example/,")
    assert lines[2].startswith("2026-03-01,2026-03-01,Outage,,")
    year = client_of("member").get(LIST + "markers.csv", {"kind": HOLIDAYS, "year": "2026"})
    assert b"First day" in b"".join(year.streaming_content)


LIST_QUERIES = 7


@pytest.mark.parametrize("count", [1, 3])
def test_the_list_costs_the_same_whatever_its_rows(
    people, actor_of, client_of, count, django_assert_num_queries
):
    for n in range(count):
        add_note.run(actor_of("owner" if n % 2 else "member"), GIVEN | {"text": f"N {n}"})
    client = client_of("member")
    client.get(LIST)
    with django_assert_num_queries(LIST_QUERIES):
        client.get(LIST)


# Who may ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("who", ["guest", "stranger"])
def test_those_without_analytics_read_and_change_nothing(kept, client_of, who):
    before, client = rows(), client_of(who)
    for address in (LIST, LIST + "markers.csv", page_of(kept)):
        answer = client.get(address)
        assert answer.status_code in (403, 404)
        assert "Outage" not in text(answer)
    for address in (ADD, LIST + "choose/", LIST + "settle/", page_of(kept), page_of(kept, "delete/")):
        assert client.post(address, GIVEN | {"shown": NOTES}).status_code in (403, 404)
    assert rows() == before


def test_a_member_changes_their_own_and_nobody_else_s(people, actor_of, client_of):
    theirs = add_note.run(actor_of("owner"), GIVEN).value
    before, client = rows(), client_of("member")
    assert (
        client.post(page_of(theirs), {"text": "x", "first": "2026-03-01", "last": "2026-03-01"}).status_code
        == 403
    )
    assert client.post(page_of(theirs, "delete/")).status_code == 403
    assert client.post(LIST + "settle/", {"shown": NOTES}).status_code == 403
    assert rows() == before
    assert "delete/" not in text(client.get(page_of(theirs)))


@pytest.mark.parametrize("who", ["member", "admin", "owner"])
def test_its_writer_and_admins_may(kept, client_of, who):
    assert client_of(who).post(page_of(kept, "delete/"), **HTMX).status_code == 200
    assert not Note.objects.filter(deleted_at=None).exists()


@pytest.mark.parametrize("who", ["member", "guest", "stranger"])
def test_every_action_refuses_and_changes_nothing(people, actor_of, who):
    theirs = add_note.run(actor_of("owner"), GIVEN).value
    gone = add_note.run(actor_of("owner"), GIVEN).value
    delete_note.run(actor_of("owner"), {}, target=gone)
    before = rows()
    calls = [
        lambda: edit_note.run(actor_of(who), {"text": "x"}, target=theirs.public_id),
        lambda: delete_note.run(actor_of(who), {}, target=theirs.public_id),
        lambda: restore_note.run(actor_of(who), {}, target=gone.public_id),
    ]
    if who != "stranger":
        calls.append(lambda: set_markers.run(actor_of(who), {"shown": [NOTES]}))
    if who == "guest":
        calls.append(lambda: add_note.run(actor_of(who), GIVEN))
        calls.append(lambda: choose_markers.run(actor_of(who), {"shown": [NOTES]}))
    for call in calls:
        unchanged(call)
    assert rows() == before


def test_a_stranger_writes_and_chooses_in_their_own_workspace_alone(people, actor_of):
    stranger = actor_of("stranger")
    add_note.run(stranger, GIVEN)
    choose_markers.run(stranger, {"shown": [NOTES]})
    set_markers.run(stranger, {"shown": [NOTES]})
    assert not Note.objects.filter(workspace=people.workspace).exists()
    assert not MarkerChoice.objects.filter(workspace=people.workspace).exists()


def test_a_family_nobody_registered_is_refused(people, actor_of):
    before = rows()
    unchanged(lambda: choose_markers.run(actor_of("owner"), {"shown": ["no.such"]}), Invalid)
    unchanged(lambda: set_markers.run(actor_of("owner"), {"shown": ["no.such"]}), Invalid)
    assert rows() == before


# Programs -----------------------------------------------------------------------------------------------------------


def test_programs_read_notes_and_markers(kept, program_of):
    program = program_of("member", ["analytics:read"])
    base = "workspaces/acme/analytics/"
    (row,) = program.get(base + "notes").json()["items"]
    assert (row["first"], row["last"], row["text"]) == ("2026-03-01", "2026-03-01", "Outage")
    assert program.get(f"{base}notes/{kept.public_id}").json() == row
    days = base + "markers?first=2026-03-01&last=2026-03-31"
    assert [each["label"] for each in program.get(days + f"&family={NOTES}").json()] == ["Outage"]
    assert "Women’s Day sales" in [each["label"] for each in program.get(days).json()]
    assert program.get(base + "markers?first=2026-03-01&last=2046-03-31").status_code == 422


@pytest.mark.parametrize("who", ["guest", "stranger"])
def test_programs_of_others_read_nothing(kept, program_of, who):
    program = program_of(who, ["analytics:read"])
    for address in ("notes", f"notes/{kept.public_id}", "markers?first=2026-03-01&last=2026-03-31"):
        assert program.get(f"workspaces/acme/analytics/{address}").status_code in (403, 404)
