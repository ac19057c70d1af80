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
    halves: tuple[float, float] | None,
    *,
    shown: bool,
) -> tuple[Note, ...]:
    """``halves`` are the effects in the two halves of the window where they differ by more than noise, else
    None; ``shown`` if the interval lies on one side of zero, so that the window did show an effect.
    """
    notes = list(frame.warnings)
    if found.short_history:
        step = frame.series.step_days
        notes.append(Note("short_history", {"have": found.n_pre, "need": need(frame), "step": step}))
    if found.sparse:
        notes.append(Note("mostly_zero"))
    if can.confirms_expected is False and not shown:
        notes.append(Note("window_cannot_confirm"))
    if opinion is not None and not opinion.agrees:
        notes.append(
            Note("second_opinion_size") if opinion.same_direction else Note("second_opinion_disagrees")
        )
    if halves is not None:
        notes.append(Note(_course(*halves)))
    if found.level_shift_day is not None:
        ago = (frame.spec.launch - found.level_shift_day).days
        near = ago <= 2 * frame.steps * frame.series.step_days
        code = "level_shift_near" if near else "level_shift"
        notes.append(Note(code, {"day": found.level_shift_day.isoformat(), "ago": ago}))
    if found.missing_pre + found.missing_post:
        notes.append(Note("missing_days", {"pre": found.missing_pre, "post": found.missing_post}))
    return tuple(notes)


def _course(first: float, last: float) -> str:
    """What became of the effect within the window, good or bad."""
    if first * last < 0:
        return "effect_turned"
    return "effect_fades" if abs(last) < abs(first) else "effect_grows"


def too_little(frame: Frame) -> Note:
    """There is no model below ``need``, and no plain one below ``safe``."""
    params = {"have": frame.n_past, "need": frame.least_past, "safe": need(frame)}
    return Note("too_little_data", {**params, "step": frame.series.step_days})


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
        step = frame.series.step_days
        longer = Note("longer_history", {"need": need(frame), "have": frame.n_past, "step": step})
    else:  # nothing was expected, so nobody can say how long is long enough
        longer = Note("write_an_expectation")
    return longer, Note("nearer_metric"), Note("give_to_a_part_first")
