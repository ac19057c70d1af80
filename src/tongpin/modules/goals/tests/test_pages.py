"""The pages: from paste to result, what is kept when something is wrong, lists, exports."""

from __future__ import annotations

import io

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from openpyxl import Workbook

from tongpin.kernel.tenancy.models import Membership
from tongpin.lib.pinyin import keys
from tongpin.modules.goals import actions, registration
from tongpin.modules.goals.enums import LookBackState
from tongpin.modules.goals.models import LookBack
from tongpin.modules.goals.tests.sample import LAUNCH, table, values
from tongpin.modules.goals.tests.steps import create, queued, run_jobs

HOME, LIST, NEW = "/w/acme/", "/w/acme/lookback/", "/w/acme/lookback/new/"
HTMX = {"HTTP_HX_REQUEST": "true"}


def typed(**more):
    return {
        "intent": "show",
        "text": table(),
        "launch": LAUNCH.isoformat(),
        "window_days": "14",
        "direction": "up",
        "expected": "8",
        "expected_unit": "relative",
        "worth": "2%",
        "country": "CN",
        "metric": "发布排班",
        "once": "a-form",
    } | more


def text_of(response) -> str:
    return response.content.decode()


def test_from_paste_to_result(client_of):
    client = client_of("member")
    page = client.get(NEW)
    assert page.status_code == 200
    assert 'name="text"' in text_of(page)
    answer = client.post(NEW, typed())
    assert answer.status_code == 302
    row = LookBack.objects.get()
    assert (row.state, row.expected, row.worth, row.metric) == (LookBackState.QUEUED, 0.08, 0.02, "发布排班")
    waiting = text_of(client.get(answer["Location"]))
    assert 'hx-trigger="every 1s"' in waiting
    assert "<progress" in waiting
    run_jobs()
    row.refresh_from_db()
    assert (row.state, row.word, row.evidence) == (LookBackState.DONE, "met", "C")
    done = text_of(client.get(answer["Location"]))
    assert "hx-trigger" not in done.split('id="lookback"')[1].split(">")[0]
    for part in (
        "It worked",
        "result-met",
        "evidence-c",
        'class="interval interval-wide"',
        "not locked before launch",
    ):
        assert part in done, part


def test_sending_the_form_twice_makes_one(client_of):
    client = client_of("member")
    first, second = client.post(NEW, typed()), client.post(NEW, typed())
    assert first["Location"] == second["Location"]
    assert len(queued()) == 1


def test_reading_says_what_was_understood_before_anything_is_asked(client_of):
    rows = [f"{day.strftime('%Y年%-m月%-d日')};{value:,.1f}" for day, value in values()]
    rows.insert(40, rows[40].split(";")[0] + ";1,000.0")
    answer = client_of("member").post(NEW, {"text": "日期;数值\n" + "\n".join(rows)}, **HTMX)
    page = text_of(answer)
    assert answer.status_code == 200
    for part in (
        "Columns apart by: semicolon.",
        "2026年3月1日",
        "thousands",
        'name="answer_doubled_days"',
    ):
        assert part in page, part
    assert "<html" not in page
    assert not LookBack.objects.exists()


def test_what_the_window_can_show_is_said_before_the_result(client_of):
    page = text_of(client_of("member").post(NEW, typed(intent="read", expected="2"), **HTMX))
    assert "normal noise" in page
    assert "can show an effect of" in page
    assert "to confirm what you expected" in page


@pytest.mark.parametrize(
    ("more", "says"),
    [
        ({"launch": ""}, "Pick the day it launched"),
        ({"launch": "2031-05-05"}, "must lie within the data"),
        ({"expected": "plenty"}, "Enter a number"),
        ({"worth": "20"}, "cannot be above the expected"),
        ({"others": "someday"}, "does not begin with a day"),
        ({"text": "no table at all"}, "No column with days"),
        ({"text": ""}, "Paste the two columns first"),
        ({"window_days": "900"}, "366"),
        ({"metric": "x" * 90}, "at most 80 characters"),
    ],
)
def test_a_refused_form_keeps_everything_that_was_typed(client_of, more, says):
    sent = typed(**more)
    answer = client_of("member").post(NEW, sent)
    page = text_of(answer)
    assert answer.status_code == 422
    assert says in page
    assert sent["text"].strip() in page
    if "launch-title" in page:
        for name in ("expected", "worth", "window_days"):
            assert f'value="{sent[name]}"' in page, name
    assert not LookBack.objects.exists()


def test_a_workbook_becomes_text_and_its_sheets_a_question(client_of):
    book = Workbook()
    book.active.title = "说明"
    book.active.append(["这里没有数据", ""])
    sheet = book.create_sheet("日报")
    for row in [("日期", "排班", '备注 "手填" 的'), *values()]:
        sheet.append(row)
    sheet["C9"] = '"大促", 第一天'
    other = book.create_sheet("周报")
    for row in [("日期", "别的"), *values(effect=0.5)]:
        other.append(row)
    data = io.BytesIO()
    book.save(data)
    upload = SimpleUploadedFile("日报.xlsx", data.getvalue())
    client = client_of("member")
    page = client.post(NEW, {"file": upload, "text": ""}, **HTMX)
    form = page.context["desk"].form
    assert form.data["source_name"] == "日报.xlsx"
    assert form.data["text"].startswith("日期\t排班\t")
    assert page.context["desk"].series.name == "排班"
    assert page.context["desk"].series.observed == len(values())
    assert [option.text for option in page.context["desk"].sheets.options] == ["说明", "日报", "周报"]
    again = dict(form.data) | {"sheet": "2"}
    page = client.post(NEW, {k: v for k, v in again.items() if v is not None}, **HTMX)
    assert page.context["desk"].form.data["text"].startswith("日期\t别的\n")


@pytest.mark.parametrize(
    ("name", "data", "says"),
    [
        ("a.pdf", b"%PDF-1.7 ...", "not a table"),
        ("old.xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1....", "old Excel"),
        ("broken.xlsx", b"PK\x03\x04 broken", "cannot be opened"),
        ("empty.csv", b"", "no rows"),
    ],
)
def test_files_that_are_no_table_are_refused_in_words(client_of, name, data, says):
    page = client_of("member").post(NEW, {"file": SimpleUploadedFile(name, data), "text": "kept"}, **HTMX)
    assert page.status_code == 200
    assert says in text_of(page)
    assert "kept" in text_of(page)


def test_another_window_starts_from_the_same_numbers(client_of, concluded):
    page = text_of(client_of("member").get(f"{NEW}?from={concluded.public_id}"))
    assert "2026-04-01,1" in page
    assert f'value="{LAUNCH.isoformat()}"' in page
    assert 'value="8"' in page
    assert client_of("guest").get(f"{NEW}?from={concluded.public_id}").status_code == 404


def test_a_link_of_the_result_changes_what_it_asks(client_of, concluded):
    page = text_of(client_of("member").get(f"{NEW}?from={concluded.public_id}&window_days=20&partial_days=6"))
    assert 'name="window_days" id="id_window_days" min="1" max="366" inputmode="numeric" value="20"' in page
    assert 'value="6"' in page
    assert "The data end on" not in page
    page = text_of(client_of("member").get(f"{NEW}?from={concluded.public_id}&window_days=90"))
    assert "The data end on" in page


def test_without_numbers_of_one_s_own_there_are_sample_ones(client_of):
    client = client_of("member")
    assert f'href="{NEW}?sample"' in text_of(client.get(HOME))
    page = client.get(f"{NEW}?sample")
    desk = page.context["desk"]
    assert desk.ready
    assert not desk.short_of
    sent = {name: value for name, value in desk.form.data.items() if value is not None}
    answer = client.post(NEW, sent | {"intent": "show"})
    run_jobs()
    row = LookBack.objects.get()
    assert answer["Location"].endswith(f"{row.public_id}/")
    assert (row.word, row.source_name) == ("met", "sample data")
    assert row.title.startswith("Sample: ")


def test_what_a_question_asks_is_not_also_a_warning(client_of):
    text = "\n".join(f"2026-{4 + n // 28:02}-{n % 28 + 1:02}\t{1000 + 37 * n}" for n in range(60))
    desk = client_of("member").post(NEW, {"text": text}, **HTMX).context["desk"]
    assert [asked.name for asked in desk.questions] == ["answer_running_total"]
    assert [line.text for line in desk.warnings if "never fall" in line.text] == []


def test_a_draft_gets_its_question_on_its_own_page(client_of, actor_of):
    row = create(actor_of("member"), launch=None, expected=None, worth=None)
    client = client_of("member")
    url = f"/w/acme/lookback/{row.public_id}/"
    assert 'name="launch"' in text_of(client.get(url))
    wrong = client.post(f"{url}ask/", {"launch": "", "expected": "5", "expected_unit": "relative"})
    assert wrong.status_code == 422
    assert 'value="5"' in text_of(wrong)
    assert client.post(f"{url}ask/", {"launch": LAUNCH.isoformat(), "window_days": "7"}).status_code == 302
    row.refresh_from_db()
    assert (row.state, row.window_days) == (LookBackState.QUEUED, 7)


def test_a_failure_says_why_and_can_be_asked_again(client_of, actor_of):
    from tongpin.kernel.tenancy.actor import Actor

    row = create(actor_of("member"))
    actions.evaluate_lookback.run(actor_of("member"), target=row)
    server = Actor.system(row.workspace)
    failed = {"run": 1, "code": "no_base_for_relative", "params": {}}
    actions.record_failure.run(server, failed, target=row)
    client = client_of("member")
    url = f"/w/acme/lookback/{row.public_id}/"
    assert "too near zero" in text_of(client.get(url))
    assert client.post(f"{url}ask/", {"launch": LAUNCH.isoformat()}).status_code == 302
    row.refresh_from_db()
    assert (row.state, row.run, row.failure) == (LookBackState.QUEUED, 2, None)


@pytest.mark.parametrize("path", ["", "peek/", "rename/", "days.csv"])
def test_who_may_open_a_result(client_of, concluded, path):
    url = f"/w/acme/lookback/{concluded.public_id}/{path}"
    for who, status in (
        ("owner", 200),
        ("admin", 200),
        ("member", 200),
        ("guest", 404),
        ("stranger", 404),
        ("nobody", 302),
    ):
        assert client_of(who).get(url).status_code == status, who


def test_titles_and_readings_are_escaped(client_of, actor_of, concluded):
    nasty = "<script>alert(1)</script>{{ 7|add:7 }}"
    owner = actor_of("owner")
    actions.rename_lookback.run(owner, {"title": nasty}, target=concluded)
    actions.interpret_lookback.run(owner, {"text": nasty}, target=concluded)
    LookBack.objects.update(metric=nasty, unit="<b>", source_name='"><img src=x>')
    for url in (
        HOME,
        LIST,
        f"{LIST}{concluded.public_id}/",
        f"{LIST}?peek={concluded.public_id}",
        f"{NEW}?from={concluded.public_id}",
    ):
        page = text_of(client_of("owner").get(url))
        assert "<script>alert" not in page
        assert "<img src=x" not in page
        assert "14" not in page[page.find("alert(1)") :][:30]


def test_rename_delete_and_undo_through_pages(client_of, concluded):
    client = client_of("owner")
    url = f"/w/acme/lookback/{concluded.public_id}/"
    assert "autofocus" in text_of(client.get(f"{url}rename/"))
    assert client.post(f"{url}rename/", {"title": " "}).status_code == 422
    renamed = client.post(f"{url}rename/?on=page", {"title": "新标题"})
    assert "<h1>新标题</h1>" in text_of(renamed)
    assert "toast" in renamed["HX-Trigger"]
    gone = client.post(f"{url}delete/")
    import json

    token = json.loads(gone["HX-Trigger"])["toast"]["undo"]
    assert client.get(url).status_code == 404
    assert client.post("/undo/", {"token": token}).status_code == 204
    assert client.get(url).status_code == 200


def test_pages_without_change_rights_offer_none(client_of, concluded):
    page = text_of(client_of("member").get(f"/w/acme/lookback/{concluded.public_id}/"))
    assert "/delete/" not in page
    assert "/rename/" not in page
    assert "/reading/" in page


def test_the_three_empty_states_differ(client_of, actor_of):
    member, guest = client_of("member"), client_of("guest")
    assert "empty-none" in text_of(member.get(LIST))
    assert "empty-denied" in text_of(guest.get(LIST))
    create(actor_of("member"))
    assert "empty-filtered" in text_of(member.get(f"{LIST}?result=met"))
    assert member.get(f"{LIST}?result=nonsense").status_code == 422
    assert member.get(f"{LIST}?cursor=nonsense").status_code == 422


def test_the_list_is_searched_and_filtered_together(client_of, actor_of, concluded):
    create(actor_of("member"), title="Checkout", metric="排班")
    create(actor_of("owner"), title="Onboarding", metric="激活率")
    client = client_of("owner")

    def shown(query):
        page = client.get(f"{LIST}?{query}")
        return [item["row"].title for item in page.context["rows"]], {
            chip.label: chip.count for chip in page.context["filters"]
        }

    assert shown("q=check")[0] == ["Checkout"]
    assert shown("q=激活")[0] == ["Onboarding"]
    assert shown("q=check+排班")[0] == ["Checkout"]
    titles, counts = shown("owner=me")
    assert titles == ["Onboarding", concluded.title]
    assert (counts["All"], counts["Met"], counts["Without a result"], counts["Negative"]) == (2, 1, 1, 0)
    page = client.get(f"{LIST}?q=onboard&owner=me&result=met")
    assert page.context["empty"] == "filtered"
    assert 'href="?q=onboard&amp;owner=me"' in text_of(page), "another filter keeps what was searched for"
    assert "data-filter" in text_of(page)


def test_a_look_back_is_found_by_the_pinyin_of_its_title(actor_of):
    row = create(actor_of("owner"), title="开店三步引导")
    assert "sanbuyindao" in keys(registration.search(row).pinyin)


def test_the_list_pages_by_cursor_and_filters_by_result(client_of, actor_of, concluded, monkeypatch):
    monkeypatch.setattr(
        "tongpin.modules.goals.queries.lookbacks.__kwdefaults__",
        {"result": "", "search": None, "cursor": "", "limit": 2},
    )
    made = [concluded, *(create(actor_of("owner"), title=f"n{i}") for i in range(3))]
    client = client_of("owner")
    seen, url = [], LIST
    while True:
        page = client.get(url)
        seen += [item["row"] for item in page.context["rows"]]
        if not page.context["cursor"]:
            break
        url = f"{LIST}?cursor={page.context['cursor']}"
    assert seen == made[::-1]
    assert [item["row"] for item in client.get(f"{LIST}?result=met").context["rows"]] == [concluded]
    assert len(client.get(f"{LIST}?result=open").context["rows"]) == 2


@pytest.mark.parametrize("rows", [1, 3])
@pytest.mark.parametrize(("url", "queries"), [(LIST, 8), (HOME, 8)])
def test_pages_take_the_same_queries_whatever_the_rows(
    client_of, actor_of, concluded, django_assert_num_queries, rows, url, queries
):
    for _ in range(rows - 1):
        create(actor_of("member"))
    client = client_of("owner")
    client.get(url)
    with django_assert_num_queries(queries):
        assert client.get(url).status_code == 200


def test_home_begins_with_the_door_and_then_shows_results(client_of, actor_of, concluded):
    LookBack.objects.update(deleted_at="2026-01-01T00:00:00Z")
    page = text_of(client_of("owner").get(HOME))
    assert "See one result of your own first" in page
    assert 'class="door"' in page
    LookBack.objects.update(deleted_at=None)
    page = text_of(client_of("owner").get(HOME))
    assert 'class="door"' not in page
    assert "result-met" in page
    assert concluded.title in page
    # Everything on the checklist is true here, so there is none.
    assert "steps-title" not in page
    Membership.objects.exclude(role="owner").update(deactivated_at="2026-01-01T00:00:00Z")
    assert "Three colleagues" in text_of(client_of("owner").get(HOME))
