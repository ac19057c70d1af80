"""What to say beside the word: warnings, and the three next steps of can't tell."""

from __future__ import annotations

from tongpin.lib.effects.preparation import Frame
from tongpin.lib.effects.types import Detectable, Diagnostics, Note, Result, SecondOpinion


def need(frame: Frame) -> int:
    """Observed steps that end the short history: three windows and six weeks."""
    return max(3 * frame.steps, -(-42 // frame.series.step_days))


def warnings(
    frame: Frame,
    found: Diagnostics,
    can: Detectable,
    opinion: SecondOpinion | None,
    fades: float,
    *,
    shown: bool,
) -> tuple[Note, ...]:
    """``fades`` is above zero where the effect shrank within the window, below where it grew, zero for
    neither; ``shown`` if the interval lies on one side of zero, so that the window did show an effect.
    """
    notes = list(frame.warnings)
    if found.short_history:
        notes.append(Note("short_history", {"have": found.n_pre, "need": need(frame)}))
    if found.sparse:
        notes.append(Note("mostly_zero"))
    if can.confirms_expected is False and not shown:
        notes.append(Note("window_cannot_confirm"))
    if opinion is not None and not opinion.agrees:
        notes.append(
            Note("second_opinion_size") if opinion.same_direction else Note("second_opinion_disagrees")
        )
    if fades:
        notes.append(Note("effect_fades" if fades > 0 else "effect_grows"))
    if found.level_shift_day is not None:
        notes.append(Note("level_shift", {"day": found.level_shift_day.isoformat()}))
    if found.missing_pre + found.missing_post:
        notes.append(Note("missing_days", {"pre": found.missing_pre, "post": found.missing_post}))
    return tuple(notes)


def next_steps(result: Result, frame: Frame, can: Detectable | None) -> tuple[Note, ...]:
    """Can't tell always comes with three (product rule 6); other results need none."""
    if result is not Result.CANT_TELL:
        return ()
    blockers = {note.code: note for note in reversed(frame.blockers)}
    if "window_not_over" in blockers:
        longer = Note("wait_for_window", blockers["window_not_over"].params)
    elif "overlap" in blockers:
        longer = Note("launch_apart")
    elif "holiday_in_window" in blockers:
        end = max(note.end for note in frame.holidays if note.treatment != "modelled")
        longer = Note("window_beyond_holiday", {"end": end.isoformat()})
    elif can is not None and can.weeks_needed and can.weeks_needed * 7 > frame.spec.window_days:
        longer = Note("longer_window", {"weeks": can.weeks_needed})
    elif can is not None and can.weeks_tried:
        longer = Note("longer_window_not_enough", {"weeks": can.weeks_tried})
    elif frame.n_past < need(frame):
        longer = Note("longer_history", {"need": need(frame), "have": frame.n_past})
    else:  # nothing was expected, so nobody can say how long is long enough
        longer = Note("write_an_expectation")
    return longer, Note("nearer_metric"), Note("give_to_a_part_first")
