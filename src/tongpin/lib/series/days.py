"""From written days to calendar days: which number is the month, which year is meant."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import date
from itertools import pairwise

from tongpin.lib.series.dates import EITHER_ORDER, NO_YEAR, Order, Shape, Written
from tongpin.lib.series.inquiry import Inquiry
from tongpin.lib.series.types import Choice, SeriesError, Severity


def settle(written: Sequence[tuple[int, Written | None]], inquiry: Inquiry) -> list[date | None]:
    """A day for each (row number, written day); None where there is no such day."""
    known = [(row, w) for row, w in written if w is not None]
    shapes = Counter(w.shape for _, w in known)
    if shapes[Shape.MONTH] > 0.5 * len(known):
        raise SeriesError("monthly", {"gap": 30}, "daily_values")
    for shape in shapes:
        inquiry.note("date_format", format=shape.value, rows_with=shapes[shape])
    if len(shapes) > 1:
        common = shapes.most_common(1)[0][0]
        odd = [row for row, w in known if w.shape is not common]
        inquiry.note("mixed_date_formats", odd, Severity.WARNING, common=common.value)
    order = _order([w for _, w in known if w.shape in EITHER_ORDER], inquiry)
    years = _years([(row, w) for row, w in known if w.shape in NO_YEAR], order, inquiry)
    return [None if w is None else w.day(order, years.get(row)) for row, w in written]


def _order(written: list[Written], inquiry: Inquiry) -> Order | None:
    if not written:
        return None
    if (order := _year_first(written, inquiry)) is not None:
        return order
    day_first = sum(w.first > 12 for w in written)
    month_first = sum(w.second > 12 for w in written)
    if (day_first or month_first) and not inquiry.answers.get("date_order"):
        order = Order.DAY_FIRST if day_first >= month_first else Order.MONTH_FIRST
        inquiry.note("date_order", order=order.value)
        return order
    # Every number could be the month: the order under which the days follow each other is the likelier one.
    differing = next((w for w in written if w.first != w.second), None)
    if differing is None:
        return Order.MONTH_FIRST
    orders = (Order.DAY_FIRST, Order.MONTH_FIRST)
    step = {order: _typical_step(written, order) for order in orders}
    guess = min(orders, key=lambda order: step[order])
    clear = min(step.values()) <= 7 < max(step.values())
    choices = [
        Choice(o.value, {"example": d.isoformat() if (d := differing.day(o, differing.year or 2000)) else ""})
        for o in orders
    ]
    return Order(inquiry.ask("date_order", choices, guess.value, required=not clear))


def _year_first(written: list[Written], inquiry: Inquiry) -> Order | None:
    """25/11/3 begins with the year where only that makes days that follow each other; else None."""
    orders = [o for o in Order if all(w.day(o, w.year or 2000) for w in written)]
    if Order.YEAR_FIRST not in orders or _typical_step(written, Order.YEAR_FIRST) > 7:
        return None
    if any(_typical_step(written, o) <= 7 for o in orders if o is not Order.YEAR_FIRST):
        return None
    choices = [Choice(o.value, {"example": str(written[0].day(o, written[0].year))}) for o in orders]
    return Order(inquiry.ask("date_order", choices, Order.YEAR_FIRST.value))


def _typical_step(written: list[Written], order: Order) -> float:
    days = [day for w in written if (day := w.day(order, w.year or 2000))]
    steps = sorted(abs((b - a).days) for a, b in pairwise(days))
    return float(steps[len(steps) // 2]) if steps else 1e9


def _years(written: list[tuple[int, Written]], order: Order | None, inquiry: Inquiry) -> dict[int, int]:
    """A year for each row without one: the last row's is asked, the others follow it backwards."""
    if not written:
        return {}
    months = [(row, day.month, day.day) for row, w in written if (day := w.day(order, 2000))]
    if not months:
        return {}
    falling = sum(a[1:] > b[1:] for a, b in pairwise(months)) > len(months) / 2
    latest = months[0] if falling else months[-1]
    rows = [row for row, _, _ in months]
    if inquiry.today is None:
        year = _typed_year(inquiry)
    else:
        guess = inquiry.today.year - (latest[1:] > (inquiry.today.month, inquiry.today.day))
        choices = [Choice(str(y), {"year": y}) for y in (guess, guess - 1, guess - 2, guess + 1)]
        year = int(inquiry.ask("year", choices, str(guess), rows=rows))
    inquiry.note("year_inferred", rows, year=year)
    found: dict[int, int] = {}
    after: tuple[int, int] | None = None
    for row, month, number in months if falling else reversed(months):
        # Going back in time, a later month means that a year's turn lies between (a stray day does not).
        if after is not None and month - after[0] > 6:
            year -= 1
        elif after is not None and after[0] - month > 6:
            year += 1
        found[row], after = year, (month, number)
    return found


def _typed_year(inquiry: Inquiry) -> int:
    """Without a today there is nothing to guess from: any year may be answered, and one must be."""
    answer = inquiry.answers.get("year", "")
    valid = answer.isdecimal() and len(answer) == 4
    if answer and not valid:
        raise SeriesError("unknown_answer", {"question": "year", "answer": answer[:80]})
    year = answer if valid else "2000"
    inquiry.ask("year", [Choice(year, {"year": int(year)})], year, required=True)
    return int(year)
