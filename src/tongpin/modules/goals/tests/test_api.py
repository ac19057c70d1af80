"""What programs read of look backs (how they sign in and page is tested in ``tests/api``)."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tongpin.kernel.errors import Denied, NotFound
from tongpin.modules.goals import api
from tongpin.modules.goals.tests.steps import create


@pytest.fixture
def asking(rf, actor_of):
    """A request of that member, as the API's authentication leaves it."""

    def request(who: str, scopes: frozenset[str] | None = None):
        made = rf.get("/")
        made.actor = replace(actor_of(who), scopes=scopes)
        return made

    return request


def test_the_list_and_one_of_it(asking, concluded, actor_of):
    draft = create(actor_of("member"))
    page = api.list_lookbacks(asking("member"), "acme")
    assert [item.id for item in page.items] == [draft.public_id, concluded.public_id]
    assert [item.result for item in page.items] == [None, "met"]
    assert page.items[1].change.unit == "relative"
    assert api.list_lookbacks(asking("member"), "acme", result="met").items == page.items[1:]
    one = api.get_lookback(asking("member"), "acme", concluded.public_id)
    assert one.effect["version"] == 1
    assert one.answer.startswith("It worked")
    assert len(one.series["values"]) == 150


def test_who_may_read(asking, concluded):
    for who in ("guest", "stranger"):
        assert api.list_lookbacks(asking(who), "acme").items == []
        with pytest.raises(NotFound):
            api.get_lookback(asking(who), "acme", concluded.public_id)
    with pytest.raises(Denied):
        api.list_lookbacks(asking("member", frozenset({"workspaces:read"})), "acme")
    assert api.list_lookbacks(asking("member", frozenset({"goals:read"})), "acme").items
