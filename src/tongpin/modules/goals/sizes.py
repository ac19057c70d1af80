"""In which unit an effect is told: that of the expectation, else what suits the metric."""

from __future__ import annotations

from dataclasses import dataclass

from tongpin.lib.effects import Direction, Effect, Estimate, LookBackSpec, Size, SizeUnit
from tongpin.modules.goals.wording import numbers


@dataclass(frozen=True, slots=True)
class Lead:
    """The change a result leads with. ``estimate`` is in ``unit``: a share, a difference of shares, or the
    metric's own unit per day. ``expected`` and ``worth`` are changes too, so below zero where down is good; None
    where nothing was said or it cannot be read in this unit.
    """

    unit: SizeUnit
    metric_unit: str
    estimate: Estimate
    expected: float | None
    worth: float | None

    def say(self, value: float, *, signed: bool = True) -> str:
        """A change in words."""
        return numbers.size(value, self.unit, self.metric_unit, signed=signed)

    @property
    def value(self) -> str:
        return self.say(self.estimate.value)

    @property
    def interval(self) -> str:
        return numbers.interval(self.estimate, self.unit)

    @property
    def has_interval(self) -> bool:
        return self.estimate.low is not None and self.estimate.high is not None


def lead(effect: Effect, metric_unit: str = "") -> Lead | None:
    """How to tell this effect; None when nothing at all was measured."""
    unit = lead_unit(effect)
    estimate = effect.relative if unit is SizeUnit.RELATIVE else effect.absolute
    if estimate is None:
        return None
    spec = effect.spec
    return Lead(
        unit, metric_unit, estimate, _change(spec, spec.expected, unit), _change(spec, spec.worth, unit)
    )


def lead_unit(effect: Effect) -> SizeUnit:
    """The unit an effect is told in."""
    asked = effect.spec.expected.unit if effect.spec.expected else None
    if asked is SizeUnit.RELATIVE and effect.relative is not None:
        return SizeUnit.RELATIVE
    if effect.unit == "share":
        return SizeUnit.POINTS
    if asked is SizeUnit.ABSOLUTE or effect.relative is None:
        return SizeUnit.ABSOLUTE
    return SizeUnit.RELATIVE


def second(effect: Effect) -> tuple[Estimate, SizeUnit] | None:
    """The second method's estimate in the unit the effect is told in where it has one, else per day."""
    opinion, unit = effect.second_opinion, lead_unit(effect)
    if opinion is None:
        return None
    if unit is not SizeUnit.RELATIVE:
        return opinion.absolute, unit
    if opinion.relative is not None:
        return opinion.relative, unit
    return opinion.absolute, SizeUnit.POINTS if effect.unit == "share" else SizeUnit.ABSOLUTE


def asked(value: Size, direction: Direction, metric_unit: str = "") -> str:
    """An expected size as it was asked, with the sign of its direction."""
    sign = "+" if direction is Direction.UP else numbers.MINUS
    if value.unit is SizeUnit.RELATIVE:
        return f"{sign}{numbers.plain(value.value * 100)}%"
    if value.unit is SizeUnit.POINTS:
        return sign + numbers.in_points(numbers.plain(value.value))
    return f"{sign}{numbers.plain(value.value)} {metric_unit}".rstrip()


def _change(spec: LookBackSpec, wanted: Size | None, unit: SizeUnit) -> float | None:
    if wanted is None:
        return None
    sign = 1.0 if spec.direction is Direction.UP else -1.0
    if wanted.unit is unit:
        return sign * wanted.value * (0.01 if unit is SizeUnit.POINTS else 1.0)
    if {wanted.unit, unit} == {SizeUnit.POINTS, SizeUnit.ABSOLUTE}:
        return sign * wanted.value * (0.01 if wanted.unit is SizeUnit.POINTS else 100.0)
    return None
