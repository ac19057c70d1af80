"""Templates 模板: questions everybody asks sooner or later, filled in from the catalogue."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from tongpin.kernel.errors import Text
from tongpin.modules.analytics.catalogue_words import Known, Part, amount, find
from tongpin.modules.analytics.insights import derived

Chosen = Mapping[Part, str]
Question = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Template:
    """``build`` makes the question of the events ``needs`` names; ``amount``: the payment's number property as well."""

    key: str
    label: Text
    says: Text
    needs: tuple[Part, ...]
    build: Callable[[Chosen, str], Question]
    icon: str
    of_amount: bool = False


PARTS: dict[Part, tuple[Text, str]] = {
    Part.SIGN_UP: (_("Signing up"), "signed_up, $SignUp, 注册成功"),
    Part.PAY: (_("Paying"), "purchase, order_paid, 支付成功"),
    Part.PAGE: (_("Looking at a page"), "$pageview"),
    Part.CORE: (_("What the product is for"), "shift_published, 发布排班"),
    Part.ANY: (_("Any event"), "signed_up"),
}
"""What a part is called, and names that play it."""


def _funnel(*steps: str, days: int) -> Question:
    return {"kind": "funnel", "steps": [[{"event": each}] for each in steps], "window_seconds": days * 86_400}


TEMPLATES: dict[str, Template] = {
    each.key: each
    for each in (
        Template(
            "activation", _("New users becoming active"),
            _("How many who sign up do what the product is for within a week?"),
            (Part.SIGN_UP, Part.CORE), lambda on, _a: _funnel(on[Part.SIGN_UP], on[Part.CORE], days=7), "funnel",
        ),
        Template(
            "active", _("Daily and weekly active users"), _("How many people use the product, and is it growing?"), (),
            lambda _on, _a: {
                "kind": "trends", "from": "-89d",
                "series": [{"event": None, "math": "unique_users"}, {"event": None, "math": "wau"}],
            }, "chart-line",
        ),
        Template(
            "retention", _("Weekly retention"), _("Who comes back in the weeks after doing it for the first time?"),
            (Part.CORE,), lambda on, _a: {
                "kind": "retention", "from": "-89d", "interval": "week", "periods": 8,
                "start": {"event": on[Part.CORE]}, "return": {"event": on[Part.CORE]},
            }, "repeat-2",
        ),
        Template(
            "paying", _("From sign-up to payment"), _("How many who sign up pay, and how long does it take them?"),
            (Part.SIGN_UP, Part.PAY), lambda on, _a: _funnel(on[Part.SIGN_UP], on[Part.PAY], days=30), "funnel",
        ),
        Template(
            "revenue", _("Revenue"), _("How much comes in, and is it more than before?"), (Part.PAY,),
            lambda on, money: {
                "kind": "trends", "interval": "week", "from": "-89d", "compare": True,
                "series": [{"event": on[Part.PAY], "math": "sum", "property": money}],
            }, "wallet", of_amount=True,
        ),
        Template(
            "channels", _("What channels bring"), _("Which campaigns do sign-ups come from, by four ways of counting?"),
            (Part.SIGN_UP,), lambda on, _a: {"kind": "attribution", "conversion": {"event": on[Part.SIGN_UP]}}, "split",
        ),
        Template(
            "after", _("After signing up"), _("What do people do first once they have signed up?"), (Part.SIGN_UP,),
            lambda on, _a: {"kind": "paths", "start": on[Part.SIGN_UP]}, "route",
        ),
        Template(
            "pages", _("Ways through the pages"),
            _("Which pages do people look at one after another, and where do they leave?"),
            (Part.PAGE,), lambda _on, _a: {"kind": "paths", "by": "path"}, "route",
        ),
        Template(
            "sources", _("Where visits come from"), _("Which channels bring visits that stay?"), (Part.PAGE,),
            lambda _on, _a: {
                "kind": "sessions", "compare": True, "breakdown": {"property": derived.CHANNEL, "at": "entry"},
            }, "signpost",
        ),
        Template(
            "sticky", _("How sticky a feature is"), _("On how many days of a month do people use it?"), (Part.CORE,),
            lambda on, _a: {"kind": "stickiness", "event": on[Part.CORE]}, "magnet",
        ),
        Template(
            "lifecycle", pgettext_lazy("template", "Lifecycle"),
            _("Who is new, stays, comes back and falls asleep, week by week?"), (),
            lambda _on, _a: {"kind": "lifecycle", "interval": "week", "from": "-89d"}, "refresh-cw",
        ),
    )
}  # fmt: skip
# icons: funnel chart-line repeat-2 wallet split route signpost magnet refresh-cw


@dataclass(frozen=True, slots=True)
class Field:
    """An event a template takes: the part, what it is called, the one found ("" for none) and names that would do."""

    part: Part
    label: Text
    found: str
    examples: str


@dataclass(frozen=True, slots=True)
class Offer:
    """A template as a workspace's catalogue fills it; ``money`` is the property of the payment, "" where none fits."""

    template: Template
    fields: Sequence[Field]
    money: str
    seen: bool
    """Whether any event ever came in: without one nothing can be opened."""

    @property
    def missing(self) -> list[Field]:
        return [each for each in self.fields if not each.found]

    @property
    def can_open(self) -> bool:
        """Page views cannot be chosen: they have one name."""
        return all(each.part is not Part.PAGE for each in self.missing)

    @property
    def lacks_money(self) -> bool:
        return self.template.of_amount and not self.money


def offers(events: Sequence[Known]) -> list[Offer]:
    """Every template, those that can be opened as they are first."""
    likely = {part: next(iter(find(part, events)), None) for part in Part}
    seen = likely[Part.ANY] is not None
    made = []
    for template in TEMPLATES.values():
        fields = [Field(part, PARTS[part][0], _name(likely[part]), PARTS[part][1]) for part in template.needs]
        payment = likely[Part.PAY]
        money = amount(payment) if template.of_amount and payment else ""
        made.append(Offer(template, fields, money, seen))
    return sorted(made, key=lambda offer: bool(offer.missing) or offer.lacks_money)


def _name(event: Known | None) -> str:
    return event.name if event else ""
