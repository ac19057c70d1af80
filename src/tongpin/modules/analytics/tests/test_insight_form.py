"""The builder's fields spell a question and give it again: the address of a page is its state."""

from __future__ import annotations

from django.http import QueryDict
from hypothesis import given
from hypothesis import strategies as st

from tongpin.modules.analytics import insight_form
from tongpin.modules.analytics.insights import running

name = st.text(st.characters(codec="utf-8", exclude_characters="\x00"), min_size=1, max_size=12)
event = st.none() | name
day = st.sampled_from(["2026-03-01", "today", "-7d", "-3m"])
condition = st.fixed_dictionaries(
    {"property": name, "op": st.sampled_from(["is", "is_not", "contains", "matches"])},
    optional={"on": st.sampled_from(["event", "person", "customer"]), "customer_kind": name},
).flatmap(
    lambda made: (name | st.lists(name, min_size=2, max_size=4)).map(lambda value: {**made, "value": value})
)
where = st.recursive(
    condition,
    lambda inner: st.fixed_dictionaries(
        {"match": st.sampled_from(["all", "any"]), "of": st.lists(inner, min_size=1, max_size=3)}
    ),
    max_leaves=5,
).map(lambda made: made if "of" in made else {"of": [made]})
pick = st.fixed_dictionaries({"event": event}, optional={"where": where})
common = {"from": day, "to": day, "where": where, "unit": st.sampled_from(["user", "customer"])}


def kind(which, needed, **optional):
    return st.fixed_dictionaries({"kind": st.just(which), **needed}, optional={**common, **optional})


series = st.tuples(pick, st.sampled_from(["total", "sum", "wau"]), name).map(
    lambda made: {**made[0], "math": made[1], **({"property": made[2]} if made[1] == "sum" else {})}
)
flag = st.booleans()
questions = st.one_of(
    kind("trends", {"series": st.lists(series, min_size=1, max_size=12).map(lambda s: s[:10])}, compare=flag,
         cumulative=flag, smooth=st.integers(1, 90), formula=name,
         breakdown=st.fixed_dictionaries({"property": name, "limit": st.integers(1, 50)})),
    kind("funnel", {"steps": st.lists(st.lists(pick, min_size=1, max_size=2), min_size=2, max_size=12)},
         exclude=st.just([{"event": None}]), window_seconds=st.integers(1, 999)),
    kind("retention", {"start": pick, "return": pick}, periods=st.integers(1, 90),
         brackets=st.lists(st.integers(1, 9), min_size=1, max_size=11)),
    kind("lifecycle", {}, event=name),
    kind("paths", {}, start=name, end=name, max_steps=st.integers(2, 20)),
    kind("sessions", {}, key_events=st.lists(name, min_size=1, max_size=3)),
    kind("attribution", {"conversion": pick}, value_property=name, models=st.just(["last", "first"])),
)  # fmt: skip


@given(questions)
def test_the_address_gives_the_question_again(said):
    question = running.read(said)
    for kept in (said, running.told(question)):
        assert running.read(insight_form.read(QueryDict(insight_form.address(kept)))) == question


@given(st.dictionaries(st.from_regex(r"\A[a-z0-9.]{0,12}\Z"), name, max_size=8), name, name)
def test_whatever_an_address_says_is_read_or_left_out(fields, add, drop):
    query = QueryDict(mutable=True)
    query.update(fields)
    query["add"], query["drop"] = add, drop
    told = insight_form.read(query)
    assert insight_form.read(QueryDict(insight_form.address(told))) is not None
    insight_form.changed(told, query)


def test_a_value_that_is_true_stays_what_it_is():
    said = {"kind": "lifecycle", "where": {"of": [{"property": "paid", "value": True}]}}
    again = insight_form.read(QueryDict(insight_form.address(said)))
    assert again["where"]["of"][0]["value"] == "True", "as the store shows it"


def test_a_press_leaves_the_next_one_alone():
    for press in ("add=steps&drop=steps.0.0.event", "add=steps"):
        found = insight_form.changed({}, QueryDict(press))
    assert found == {"steps": [[{"event": None}]]}
