from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from tongpin.kernel.mail import compose
from tongpin.kernel.mail.models import OutboxMail

FILES = {
    "note.subject.txt": "{{ who }}\n said hello",
    "note.txt": '{% extends "mail/base.txt" %}{% load i18n %}{% block body %}{{ who }}: {{ at|date:"H:i" }}'
    '{% endblock %}{% block why %}{% translate "Waiting" %}{% endblock %}',
    "note.html": '{% extends "mail/base.html" %}{% block heading %}{{ who }}{% endblock %}'
    "{% block body %}<p>{{ at|date:'H:i' }}</p>{% endblock %}",
}


@pytest.fixture
def _templates(settings: Any, tmp_path: Path) -> None:
    for name, text in FILES.items():
        (tmp_path / name).write_text(text)
    (engine,) = settings.TEMPLATES
    settings.TEMPLATES = [{**engine, "DIRS": [tmp_path]}]


@pytest.mark.usefixtures("_templates")
def test_a_mail_speaks_the_readers_language_and_time(settings: Any) -> None:
    settings.SITE_URL = "https://work.example"
    reader = compose.Reader("lin@acme.example", "zh-hans", "Asia/Shanghai")
    at = datetime(2026, 11, 20, 1, 30, tzinfo=UTC)

    message = compose.message(reader, "note", {"who": "<A&B>", "at": at})

    assert message.to == "lin@acme.example"
    assert message.language == "zh-hans"
    assert message.subject == "<A&B> said hello"
    assert "<A&B>: 09:30" in message.text
    assert "同频 · https://work.example" in message.text
    assert '<html lang="zh-Hans">' in message.html
    assert "<h1>&lt;A&amp;B&gt;</h1>" in message.html
    assert "<p>09:30</p>" in message.html


@pytest.mark.django_db
@pytest.mark.usefixtures("_templates")
def test_sending_twice_with_one_key_is_one_mail() -> None:
    reader = compose.Reader("lin@acme.example", "en")
    message = compose.message(reader, "note", {"who": "Lin", "at": datetime(2026, 11, 20, tzinfo=UTC)})

    message.send(key="k")
    message.send(key="k")

    (mail,) = OutboxMail.objects.all()
    assert (mail.subject, mail.language) == ("Lin said hello", "en")
    assert "Tongpin" in mail.html


def test_a_path_becomes_an_address_and_an_address_stays(settings: Any) -> None:
    settings.SITE_URL = "https://work.example"

    assert compose.absolute("/w/acme/") == "https://work.example/w/acme/"
    assert compose.absolute("https://other.example/x") == "https://other.example/x"
