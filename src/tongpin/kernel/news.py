"""Which events are news, for whom, and how they read: every module says so of its own events, in ``apps.ready()``.

    RESULT = Kind("goals.result", _("Results"), _("A look back of yours has its result."), icon="flask-conical")
    rule("goals.lookback_evaluated", kind=RESULT, recipients=author_of, wording=result_words)

``recipients(event)`` gives Memberships (load ``user`` with them); ``wording(event, language)`` a ``Wording``. Nobody is
told of their own doing. Guests are told only of what they may see: register the event's subject type in ``objects``.
The module ``notifications`` tells them; it stands here so that its siblings can speak of their news as well.
"""
# icons: bell user-plus shield

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from tongpin.kernel.errors import Text
from tongpin.kernel.events.models import Event
from tongpin.kernel.tenancy.models import Membership


class Delivery(models.TextChoices):
    """Where a member hears of one kind of news."""

    MAIL = "mail", _("Inbox and e-mail")
    BELL = "bell", _("Inbox only")
    OFF = "off", pgettext_lazy("notifications", "Off")


@dataclass(frozen=True, slots=True)
class Wording:
    """How one event reads. ``url`` is the page it leads to: a path on this site, or "" if there is none."""

    title: str
    body: str = ""
    url: str = ""


@dataclass(frozen=True, slots=True)
class Kind:
    """One line of the preferences page. ``key`` is ``module.noun`` and stored: never rename it.

    ``direct`` news names the reader (a mention, a nudge): it arrives also where they have muted the thread.
    """

    key: str
    label: Text
    hint: Text = ""
    icon: str = "bell"
    default: Delivery = Delivery.MAIL
    direct: bool = False

    @property
    def anchor(self) -> str:
        """Its place on the preferences page."""
        return f"kind-{self.key.replace('.', '-')}"


#: Gets the event; gives the members to tell. The one who did it, and members of other workspaces, are left out.
Recipients = Callable[[Event], Iterable[Membership]]
#: Gets the event and a language code; runs with that language active.
Words = Callable[[Event, str], Wording]
#: Gets the event; gives the object whose thread the news belongs to, as (type, public id).
About = Callable[[Event], tuple[str, uuid.UUID]]


@dataclass(frozen=True, slots=True)
class Rule:
    """``about``: the object the news belongs to (a comment's is what it is written on); else the event's subject.
    ``reaches_deactivated``: also tell members whose access has ended (by mail; they have no inbox to open).
    """

    event_name: str
    kind: Kind
    recipients: Recipients
    wording: Words
    about: About | None = None
    reaches_deactivated: bool = False

    def thread_of(self, event: Event) -> tuple[str, uuid.UUID]:
        """The thread news of this event belongs to, as (type, public id)."""
        return self.about(event) if self.about else (event.subject_type, event.subject_id)


_kinds: dict[str, Kind] = {}
_rules: dict[str, list[Rule]] = {}


def rule(
    event_name: str,
    *,
    kind: Kind,
    recipients: Recipients,
    wording: Words,
    about: About | None = None,
    reaches_deactivated: bool = False,
) -> None:
    """Make an event news of this kind. Called from ``ready()``; the same rule twice counts once.

    Raises ValueError if another kind has that key.
    """
    add(Rule(event_name, kind, recipients, wording, about, reaches_deactivated))


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
