"""Numbers as people read them: grouped, with a real minus sign, no more digits than mean something."""

from __future__ import annotations

import math
import unicodedata
from datetime import date

from django.utils import formats
from django.utils.translation import gettext as _

from tongpin.lib.effects import Estimate, SizeUnit

MINUS = "−"


def number(value: float, digits: int | None = None, *, signed: bool = False) -> str:
    """``value`` grouped for the reader; ``digits`` after the point, else three significant ones."""
    if digits is None:
        if value and not 1e-4 <= abs(value) < 1e15:
            return _power(value, signed=signed)
        digits = _digits(value)
    rounded = round(value, digits)
    # English and Chinese group alike; Django's own format for Chinese groups by four.
    text = f"{abs(rounded):,.{digits}f}"
    if rounded < 0:
        return MINUS + text
    return "+" + text if signed and rounded > 0 else text


def _power(value: float, *, signed: bool) -> str:
    """What would take dozens of digits, as a power of ten: 1.2 × 10^30."""
    if not math.isfinite(value):
        return "–"
    digits, power = f"{abs(value):.2e}".split("e")
    sign = MINUS if value < 0 else "+" if signed else ""
    return f"{sign}{float(digits):g}\u00a0×\u00a010^{int(power)}".replace("^-", "^" + MINUS)


def percent(share: float, *, signed: bool = False, digits: int | None = None) -> str:
    """0.0618 is 6.2 %: one digit after the point below a hundred unless ``digits`` says otherwise."""
    value = share * 100
    if abs(value) >= 1e15:
        return _power(value, signed=signed) + "%"
    if digits is None:
        digits = 0 if abs(value) >= 99.95 else 1 if abs(value) >= 0.1 or value == 0 else 2
    return number(value, digits, signed=signed) + "%"


def points(share: float, *, signed: bool = False) -> str:
    """A difference of shares in percentage points: 0.06 is 6 points."""
    value = share * 100
    return in_points(number(value, 1 if abs(value) < 99.95 else 0, signed=signed))


def in_points(text: str) -> str:
    """A formatted number as percentage points."""
    return _("%(value)s pts") % {"value": text}


def amount(value: float, unit: str = "", *, signed: bool = False) -> str:
    """A value of the metric with its unit."""
    text = number(value, signed=signed)
    return f"{text} {unit}" if unit else text


def level(value: float | None, unit: str = "", *, share: bool = False) -> str:
    """A value the metric takes: a share as per cent, else a number with its unit; a dash if there is none."""
    if value is None or not math.isfinite(value):
        return "–"
    return percent(value) if share else amount(value, unit)


def chance(probability: float | None) -> str:
    """A probability; never 0 % or 100 %, which would claim certainty."""
    if probability is None:
        return "–"
    if probability > 0.999:
        return _("over 99.9%")
    if probability < 0.001:
        return _("under 0.1%")
    return number(probability * 100, 1 if not 0.01 <= probability <= 0.99 else 0) + "%"


def size(value: float, unit: SizeUnit, metric_unit: str = "", *, signed: bool = True) -> str:
    """A change: per cent, percentage points (``value`` is a difference of shares) or in the metric's unit."""
    if unit is SizeUnit.RELATIVE:
        return percent(value, signed=signed)
    if unit is SizeUnit.POINTS:
        return points(value, signed=signed)
    return amount(value, metric_unit, signed=signed)


def interval(estimate: Estimate, unit: SizeUnit) -> str:
    """``[−2.0%, +15%]``; other units than per cent are left to the estimate beside it. Empty without an interval."""
    if estimate.low is None or estimate.high is None:
        return ""
    if unit is SizeUnit.RELATIVE:
        low, high = percent(estimate.low, signed=True), percent(estimate.high, signed=True)
    else:  # the unit stands beside the estimate; three times would be noise
        per = 100.0 if unit is SizeUnit.POINTS else 1.0
        digits = 1 if unit is SizeUnit.POINTS else None
        low = number(estimate.low * per, digits, signed=True)
        high = number(estimate.high * per, digits, signed=True)
    # A no-break space: an interval torn over two lines is hard to read.
    return f"[{low},\u00a0{high}]"


def day(value: date | str) -> str:
    """A date in the reader's way; ISO text is taken too."""
    if isinstance(value, str):
        value = date.fromisoformat(value)
    return formats.date_format(value, "DATE_FORMAT")


def short_day(value: date | str) -> str:
    """A date without its year."""
    if isinstance(value, str):
        value = date.fromisoformat(value)
    return formats.date_format(value, "MONTH_DAY_FORMAT")


def plain(value: float) -> str:
    """A number somebody typed, with just the digits it has: 8 and 2.5."""
    return number(value, next((d for d in range(4) if abs(round(value, d) - value) < 1e-9), 4))


def clamped(text: str, width: int = 32) -> str:
    """A name short enough for a sentence: ``width`` columns, in which a Chinese character takes two."""
    taken = 0
    for at, character in enumerate(text):
        taken += 2 if unicodedata.east_asian_width(character) in "WF" else 1
        if taken > width:
            return text[:at].rstrip() + "…"
    return text


def _digits(value: float) -> int:
    """Decimals that leave three significant digits, at most four."""
    if value == 0 or not math.isfinite(value):
        return 0
    return min(4, max(0, 2 - math.floor(math.log10(abs(value)))))
