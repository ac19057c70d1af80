"""What can be done next about a result: doors that open with everything filled in, the most useful one first."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any
from urllib.parse import urlencode

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from tongpin.lib.effects import Effect, Note, Result
from tongpin.modules.goals.models import LookBack

# icons: send calendar-range calendar-x-2 clipboard-paste copy-plus
LONGEST = 366


@dataclass(frozen=True, slots=True)
class FollowUp:
    """A button. ``query`` opens the page of a new look back with it; "" hands the result's link on."""

    text: str
    icon: str
    query: str = ""
    anchor: str = ""


def follow_ups(row: LookBack, effect: Effect) -> list[FollowUp]:
    """The first is what this result asks for, the others are smaller."""
    send = FollowUp(_("Send to a colleague"), "send")
    twice = _window(row, 2 * row.window_days, _("Look again over twice the window"))
    history = _paste(row, _("Add more history"))
    if effect.result is not Result.CANT_TELL:
        return [send, twice, history]
    first = _unblock(row, effect)
    return [first, *(one for one in (twice, history, send) if one.query != first.query or not one.query)]


def _unblock(row: LookBack, effect: Effect) -> FollowUp:
    """What would lift this "can't tell", from its first next step."""
    code = effect.next_steps[0].code if effect.next_steps else ""
    params = effect.next_steps[0].params if effect.next_steps else {}
    match code:
        case "wait_for_window":
            return _paste(row, _("Add the days since"))
        case "window_beyond_holiday" if row.launch is not None:
            rollout = (date.fromisoformat(str(params["end"])) - row.launch).days + 1
            return _door(row, _("Look again clear of the holiday"), "calendar-x-2", partial_days=rollout)
        case "longer_window":
            weeks = int(str(params["weeks"]))
            text = ngettext("Look again over %(n)s week", "Look again over %(n)s weeks", weeks) % {"n": weeks}
            return _window(row, 7 * weeks, text)
        case "longer_history":
            return _paste(row, _("Add more history"))
        case _other if _holds(effect.reasons, "data_end_early", "data_gap"):
            return _paste(row, _("Add the days that are missing"))
        case _other:
            return _door(row, _("Try another window"), "copy-plus")


def _holds(reasons: tuple[Note, ...], *codes: str) -> bool:
    return any(note.code in codes for note in reasons)


def _window(row: LookBack, days: int, text: str) -> FollowUp:
    return _door(row, text, "calendar-range", window_days=min(days, LONGEST))


def _paste(row: LookBack, text: str) -> FollowUp:
    return FollowUp(text, "clipboard-paste", urlencode({"from": row.public_id}), "id_text")


def _door(row: LookBack, text: str, icon: str, **asked: Any) -> FollowUp:
    return FollowUp(text, icon, urlencode({"from": row.public_id, **asked}))
