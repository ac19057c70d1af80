"""Words every screen shares, in both languages."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django import forms
from django.template import engines
from django.utils import formats, translation

from tongpin.kernel import clock
from tongpin.ui.tags.people import initials
from tongpin.ui.wording import ago


def test_english_dates_have_one_form():
    days = [datetime(2026, month, 6, tzinfo=UTC) for month in (5, 9, 11)]
    with translation.override("en"):
        assert [formats.date_format(day, "DATE_FORMAT") for day in days] == [
            "May 6, 2026",
            "Sep 6, 2026",
            "Nov 6, 2026",
        ]
        assert formats.date_format(days[1], "MONTH_DAY_FORMAT") == "Sep 6"
    with translation.override("zh-hans"):
        assert formats.date_format(days[0], "DATE_FORMAT") == "2026年5月6日"


def test_what_was_long_ago_is_dated_in_that_form(monkeypatch):
    now = datetime(2026, 11, 26, 12, tzinfo=UTC)
    monkeypatch.setattr(clock, "now", lambda: now)
    with translation.override("en"):
        assert ago(now - timedelta(days=40)) == "Oct 17"


@pytest.mark.parametrize(
    ("name", "both", "one"), [("沈一诺", "一诺", "诺"), ("Daniel Tan", "DT", "D"), ("王", "王", "王")]
)
def test_a_face_in_a_crowd_has_one_sign(name, both, one):
    assert (initials(name), initials(name, short=True)) == (both, one)
    people = [type("Person", (), {"name": name})()]
    html = engines["django"].from_string("{% avatars people %}").render({"people": people})
    assert f'title="{name}">{one}</span></span>' in html


def test_a_wrong_address_is_said_as_people_say_it():
    with translation.override("zh-hans"):
        field = forms.EmailField()
        with pytest.raises(forms.ValidationError, match="请输入有效的邮箱地址。"):
            field.clean("yinuo@")
