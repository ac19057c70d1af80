"""How the events that SDKs send by themselves are called on a page; own events keep the name they were given."""

from __future__ import annotations

from datetime import timedelta

from django.utils.translation import ngettext, pgettext_lazy

WORDS = {
    "$pageview": pgettext_lazy("event", "Page view"),
    "$pageleave": pgettext_lazy("event", "Page left"),
    "$screen": pgettext_lazy("event", "Screen view"),
    "$autocapture": pgettext_lazy("event", "Click or input"),
    "$identify": pgettext_lazy("event", "Signed in"),
    "$create_alias": pgettext_lazy("event", "Ids joined"),
    "$groupidentify": pgettext_lazy("event", "Customer described"),
    "$set": pgettext_lazy("event", "Properties set"),
    "$opt_in": pgettext_lazy("event", "Allowed measuring"),
    "$exception": pgettext_lazy("event", "Error in the app"),
    "$rageclick": pgettext_lazy("event", "Angry clicks"),
}


def called(event: str) -> str:
    """The event in words."""
    return str(WORDS.get(event, event))


def paused(pause: timedelta | None) -> str:
    """How long nothing happened, in words; "" for no pause."""
    if pause is None:
        return ""
    minutes = int(pause.total_seconds() // 60)
    if minutes >= 2 * 24 * 60:
        count, words = (
            minutes // (24 * 60),
            ngettext("%(n)d day later", "%(n)d days later", minutes // (24 * 60)),
        )
    elif minutes >= 120:
        count, words = minutes // 60, ngettext("%(n)d hour later", "%(n)d hours later", minutes // 60)
    else:
        count, words = minutes, ngettext("%(n)d minute later", "%(n)d minutes later", minutes)
    return words % {"n": count}
