"""Days of the working calendar in words and signs."""

from __future__ import annotations

from datetime import date

from django import template
from django.utils import formats
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext, pgettext_lazy

from tongpin.kernel.errors import Text
from tongpin.lib.workdays import Day, Kind, Stretch

register = template.Library()

WORDS: dict[Kind, Text] = {
    Kind.WORKDAY: gettext_lazy("workday"),
    Kind.WEEKEND: gettext_lazy("weekend"),
    Kind.HOLIDAY: gettext_lazy("public holiday"),
    Kind.MAKEUP: gettext_lazy("make-up workday"),
    Kind.OWN_OFF: gettext_lazy("own day off"),
    Kind.OWN_WORK: gettext_lazy("own workday"),
}
_OFF, _ON = pgettext_lazy("tiny sign of a day", "off"), pgettext_lazy("tiny sign of a day", "on")
SIGNS: dict[Kind, Text] = {Kind.HOLIDAY: _OFF, Kind.MAKEUP: _ON, Kind.OWN_OFF: _OFF, Kind.OWN_WORK: _ON}


@register.filter
def kind_word(kind: Kind) -> str:
    """What a day of that kind is called."""
    return str(WORDS[kind])


@register.filter
def whole_day(day: date) -> str:
    """The date with its weekday."""
    given = {"date": formats.date_format(day, "DATE_FORMAT"), "weekday": formats.date_format(day, "l")}
    return _("%(date)s, %(weekday)s") % given


@register.filter
def day_words(day: Day) -> str:
    """The date, what it is, and what it is called."""
    said = _("%(day)s: %(kind)s") % {"day": whole_day(day.date), "kind": WORDS[day.kind]}
    return _("%(said)s (%(name)s)") % {"said": said, "name": day.name} if day.name else said


@register.filter
def month_name(first: date) -> str:
    """A month without its year."""
    return formats.date_format(first, pgettext("format of a month's name", "F"))


@register.filter
def short_weekday(day: date) -> str:
    """The weekday in one to three letters, as a column's head."""
    name = formats.date_format(day, "D")
    return name.removeprefix("星期")


@register.filter
def stretch_dates(stretch: Stretch) -> str:
    """The days of a stretch, without the year."""
    form = pgettext("format of a day in a year", "j F")
    ends = dict.fromkeys(formats.date_format(day, form) for day in (stretch.first, stretch.last))
    return " – ".join(ends)


@register.filter
def stretch_title(stretch: Stretch) -> str:
    """What a stretch is called, with what it is where its name alone would not say."""
    word = str(WORDS[stretch.kind])
    if not stretch.name:
        return word[:1].upper() + word[1:]
    return (
        stretch.name
        if stretch.kind == Kind.HOLIDAY
        else _("%(name)s (%(kind)s)") % {"name": stretch.name, "kind": word}
    )


@register.simple_tag
def year_day(day: Day, today: date, editable: bool) -> SafeString:
    """One cell of the year: a button where it may be marked, else a text."""
    words = day_words(day)
    now = "date" if day.date == today else "false"
    common = (day.kind, SIGNS.get(day.kind, ""), words, now)
    if editable:
        return format_html(
            '<button class="yd yd-{}" data-sign="{}" title="{}" aria-current="{}" aria-label="{}" name="day" value="{}"'
            ' data-dialog="day">{}</button>',
            *common,
            words,
            day.date.isoformat(),
            day.date.day,
        )
    text = '<span class="yd yd-{}" data-sign="{}" title="{}" aria-current="{}">{}<span class="sr-only">{}</span></span>'
    return format_html(text, *common, day.date.day, words)


@register.simple_tag
def sample_day(kind: str, number: int) -> SafeString:
    """A day of that kind as a legend shows it."""
    text = '<span class="yd yd-{}" data-sign="{}" aria-hidden="true">{}</span>'
    return format_html(text, kind, SIGNS.get(Kind(kind), ""), number)
