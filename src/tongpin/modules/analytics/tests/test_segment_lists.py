"""Lists of a segment: uploaded, pasted, by a program; kept, joined, erased."""

from __future__ import annotations

import io
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tongpin.kernel import clock
from tongpin.kernel.errors import Invalid
from tongpin.kernel.store import client as store_client
from tongpin.modules.analytics import segment_jobs, segment_lines
from tongpin.modules.analytics.actions import segment_list
from tongpin.modules.analytics.actions.segment import delete_segment, list_segment
from tongpin.modules.analytics.insights.scope import Scope
from tongpin.modules.analytics.models import Segment
from tongpin.modules.analytics.queries import behind, segment_members
from tongpin.modules.analytics.segment_lines import Report
from tongpin.modules.analytics.tests.events import arrive, event, identify
from tongpin.modules.analytics.tests.test_insight_pages import HTMX
from tongpin.modules.analytics.tests.test_segment_pages import LIST, page_of, size, text

pytestmark = pytest.mark.django_db

UPLOAD = LIST + "upload/"


@pytest.fixture
def world(people, store):
    arrive(
        people.workspace,
        event("ann", "paid", 0, customers={"company": "k1"}),
        event("bo", "paid", 30, customers={"company": "k2"}),
    )
    return people


def count(row):
    return behind.count(*segment_members.of(row, Scope.of(row.workspace)))


def on_the_list():
    return store_client.query("SELECT count() FROM segment_members FINAL").rows[0][0]


def named(content, name="list.csv"):
    file = io.BytesIO(content)
    file.name = name
    return file


@pytest.mark.parametrize(
    "content",
    [
        "user_id\nann\nann\n\nzoe\n" + "x" * 201 + "\nbo\n",
        "\ufeffUser ID,plan\r\nann,pro\r\n ann ,\r\n,\r\nzoe,x\r\n" + "x" * 201 + ",\r\nbo,y",
        '用户ID\n"ann"\nann\n""\nzoe\n' + "x" * 201 + "\nbo",
    ],
)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "gb18030"])
def test_a_file_becomes_a_list_and_says_what_became_of_its_lines(world, client_of, content, encoding):
    if content.startswith("\ufeff") and encoding == "gb18030":
        content = content[1:]
    client = client_of("member")
    answer = client.post(
        UPLOAD, {"name": "Of a file", "unit": "user", "file": named(content.encode(encoding))}
    )
    row = Segment.objects.get()
    assert answer.status_code == 302
    assert answer.headers["Location"] == page_of(row)
    report = Report(**row.report)
    assert (report.lines, report.head, report.empty, report.long) == (7, 1, 1, 1)
    assert (report.different, report.found, report.unknown, report.twice) == (3, 2, 1, 1)
    page = client.get(page_of(row))
    assert size(page) == 2
    assert "Not seen yet" in text(page)
    arrive(world.workspace, event("zoe", "seen", 100))
    assert size(client.get(page_of(row))) == 3, "kept until somebody is seen with it"


def test_pasted_ids_and_keys_of_customers(world, client_of):
    client = client_of("member")
    data = {
        "name": "Pasted",
        "unit": "customer",
        "customer_kind": "company",
        "pasted": "k1\nk9\n",
        "description": "x",
    }
    client.post(UPLOAD, data)
    row = Segment.objects.get()
    page = client.get(page_of(row))
    assert size(page) == 1
    assert "k1" in text(page)
    assert (row.report["found"], row.report["different"]) == (1, 2)


def test_an_id_that_is_joined_with_others_stays_that_person(world, actor_of):
    row = list_segment.run(actor_of("member"), {"name": "x", "ids": ["phone-7", "ann"]}).value
    assert count(row) == 1
    arrive(world.workspace, identify("ann", "phone-7", 60), event("phone-7", "seen", 70))
    assert count(row) == 1, "both are one person now"
    arrive(world.workspace, identify("bo", "pad-3", 60))
    other = list_segment.run(actor_of("member"), {"name": "y", "ids": ["pad-3"]}).value
    assert count(other) == 1, "Bo"


@pytest.mark.parametrize("wrong", ["", "\n\n", "user_id\n"])
def test_a_list_without_ids_is_refused_and_what_was_typed_stays(world, client_of, wrong):
    answer = client_of("member").post(UPLOAD, {"name": "Nothing here", "unit": "user", "pasted": wrong})
    assert answer.status_code == 422
    assert 'value="Nothing here"' in text(answer)
    assert not Segment.objects.exists()


def test_in_the_browser_a_refusal_leaves_the_page_and_the_file(world, client_of):
    client = client_of("member")
    refused = client.post(UPLOAD, {"name": "x", "unit": "user", "pasted": ""}, **HTMX)
    assert (refused.status_code, refused.content) == (422, b"")
    made = client.post(UPLOAD, {"name": "x", "unit": "user", "pasted": "ann"}, **HTMX)
    assert made.headers["HX-Redirect"] == page_of(Segment.objects.get())


def test_what_is_no_text_and_what_is_too_long_leave_nothing(world, client_of, monkeypatch):
    monkeypatch.setattr(segment_list, "AT_ONCE", 2)
    client = client_of("member")
    broken = b"ann\nbo\ncy\ndee\n" + b"\xff\xff\xff\n" * 3
    answer = client.post(UPLOAD, {"name": "x", "unit": "user", "file": named(broken)})
    assert answer.status_code == 422
    monkeypatch.setattr(segment_lines, "MOST", 5)
    answer = client.post(UPLOAD, {"name": "x", "unit": "user", "pasted": "a\nb\nc\nd\ne\nf\n"})
    assert answer.status_code == 422
    assert "at most 5 lines" in text(answer)
    assert not Segment.objects.exists()
    assert on_the_list() == 0


def test_a_store_that_is_away_is_said_and_nothing_is_kept(world, store, client_of):
    store.stop()
    try:
        store_client._forget()
        answer = client_of("member").post(UPLOAD, {"name": "x", "unit": "user", "pasted": "ann"})
        assert answer.status_code == 503
        assert "callout" in text(answer)
        assert not Segment.objects.exists()
    finally:
        store.start()


def test_a_long_list_is_read_in_pieces(world, actor_of, monkeypatch):
    held = []
    blocks = segment_list._blocks

    def watched(values):
        for block in blocks(values):
            held.append(len(block))
            yield block

    monkeypatch.setattr(segment_list, "_blocks", watched)
    known = (str(n) for n in range(120_000))
    row = Segment(workspace=world.workspace, name="x", kind="list", unit="user", owner=world.member)
    from tongpin.modules.analytics.insights import running
    from tongpin.modules.analytics.queries import segment_rules

    report = segment_list.put(row, known, segment_rules.of(row, running.people), Scope.of(world.workspace))
    assert held == [50_000, 50_000, 20_000]
    assert (report.lines, report.different, on_the_list()) == (120_000, 120_000, 120_000)


def test_a_deleted_list_is_forgotten_after_a_month(world, actor_of, monkeypatch):
    actor = actor_of("member")
    gone, stays = (list_segment.run(actor, {"name": name, "ids": [name]}).value for name in ("gone", "stays"))
    delete_segment.run(actor, {}, target=gone)
    now = clock.now()
    for days, left in ((29, 2), (31, 1)):
        monkeypatch.setattr("tongpin.kernel.clock.now", lambda days=days: now + timedelta(days=days))
        segment_jobs.forget_segments(0)
        assert (on_the_list(), Segment._base_manager.count()) == (left, left)
    assert Segment.objects.get() == stays


def test_no_more_ids_in_one_request_than_it_takes(world, actor_of):
    with pytest.raises(Invalid):
        list_segment.run(actor_of("member"), {"name": "x", "ids": ["a"] * 50_001})


@given(
    found=st.lists(st.text(alphabet="ab,;\t\" \r\u00e9\u7528", max_size=6), max_size=8),
    ends=st.sampled_from(("\n", "\r\n", "\r")), cuts=st.lists(st.integers(1, 9), max_size=12),
)  # fmt: skip
def test_lines_are_the_same_however_they_come_in(found, ends, cuts):
    """Cut anywhere, in any of the three ways lines end, they are what Python's own reader gives."""
    body = ends.join(each.replace("\r", "") for each in found).encode()
    chunks, at = [], 0
    for cut in cuts:
        chunks.append(body[at : at + cut])
        at += cut
    chunks.append(body[at:])
    expected = io.StringIO(body.decode(), newline=None).read().split("\n")
    if expected and expected[-1] == "":
        expected.pop()
    assert list(segment_lines.lines(segment_lines.text(iter([each for each in chunks if each])))) == expected
