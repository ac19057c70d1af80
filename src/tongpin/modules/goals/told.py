"""A look back as screens tell it: its state in a word, the state's name for the design system's chips."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from tongpin.kernel import authz
from tongpin.kernel.tenancy.actor import Actor
from tongpin.lib.effects import Note, Result
from tongpin.modules.goals import spark, summary
from tongpin.modules.goals.enums import LookBackState
from tongpin.modules.goals.models import LookBack
from tongpin.modules.goals.wording import notes, results

CHIP = {
    Result.MET: "met",
    Result.PARTLY: "partly",
    Result.MISSED: "missed",
    Result.MISSED_TOO_SMALL: "missed",
    Result.NEGATIVE: "negative",
    Result.CANT_TELL: "unclear",
}


def chip(row: LookBack) -> str:
    """The design system's name for the result; "" while there is none."""
    return CHIP[Result(row.word)] if row.word else ""


def state_word(row: LookBack) -> str:
    """The result in a word, else where it stands."""
    return results.word(Result(row.word)) if row.word else str(LookBackState(row.state).label)


def told(row: LookBack, actor: Actor) -> dict[str, Any]:
    """What a list row shows: chip, state, size with interval, and for can't tell the reason."""
    reason = row.summary.get("reason")
    unclear = row.word == Result.CANT_TELL.value
    return {
        "row": row,
        "may_edit": authz.can(actor, "goals.lookback.edit", row),
        "chip": chip(row),
        "state": state_word(row),
        "small": row.word == Result.MISSED_TOO_SMALL.value,
        "size": summary.say(row.summary, row.unit),
        "reason": notes.say(Note(reason["code"], reason["params"])) if unclear and reason else "",
        "spark": spark.drawn(row.summary),
        "step": step(row),
        "percent": round(row.progress * 100),
        "no_launch": _("Pick the day it launched") if row.launch is None else "",
    }


def step(row: LookBack) -> str:
    """What the job is doing."""
    words = {
        "prepare": _("Reading the days"),
        "fit": _("Learning the metric’s rhythm"),
        "calibrate": _("Trying the prediction on the past"),
        "second_opinion": _("Asking the second method"),
        "done": _("Done"),
    }
    return words.get(row.step, _("Waiting for its turn"))
