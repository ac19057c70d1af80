"""Which events are news, for whom, and how they read. Higher modules add theirs through ``public``."""
# icons: bell user-plus shield

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from tongpin.kernel.errors import Text
from tongpin.kernel.events.models import Event
from tongpin.kernel.tenancy.models import Membership
from tongpin.modules.notifications.enums import Delivery


@dataclass(frozen=True, slots=True)
class Wording:
    """How one event reads. ``url`` is the page it leads to: a path on this site, or "" if there is none."""

    title: str
    body: str = ""
    url: str = ""


@dataclass(frozen=True, slots=True)
class Kind:
    """One line of the preferences page. ``key`` is ``module.noun`` and stored: never rename it."""

    key: str
    label: Text
    hint: Text = ""
    icon: str = "bell"
    default: Delivery = Delivery.MAIL

    @property
    def anchor(self) -> str:
        """Its place on the preferences page."""
        return f"kind-{self.key.replace('.', '-')}"


#: Gets the event; gives the members to tell. The one who did it, and members of other workspaces, are left out.
Recipients = Callable[[Event], Iterable[Membership]]
#: Gets the event and a language code; runs with that language active.
Words = Callable[[Event, str], Wording]


@dataclass(frozen=True, slots=True)
class Rule:
    """``reaches_deactivated``: also tell members whose access has ended (by mail; they have no inbox to open)."""

    event_name: str
    kind: Kind
    recipients: Recipients
    wording: Words
    reaches_deactivated: bool = False


_kinds: dict[str, Kind] = {}
_rules: dict[str, list[Rule]] = {}


def add(rule: Rule) -> None:
    """Register a rule and its kind. Raises ValueError if another kind has that key."""
    known = _kinds.setdefault(rule.kind.key, rule.kind)
    if known != rule.kind:
        raise ValueError(f"two kinds of notification named {rule.kind.key}")
    rules = _rules.setdefault(rule.event_name, [])
    if rule not in rules:
        rules.append(rule)


def rules_for(event_name: str) -> list[Rule]:
    """The rules of an event, in the order they were registered."""
    return list(_rules.get(event_name, ()))


def kinds() -> dict[str, Kind]:
    """Every kind of news by key, in the order they were registered."""
    return dict(_kinds)
