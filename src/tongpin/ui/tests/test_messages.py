"""``bin/messages`` on a small package: it finds every kind of string and every kind of fault."""

from __future__ import annotations

import importlib.machinery
import importlib.util
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[4]


@pytest.fixture
def tool(tmp_path, monkeypatch):
    """The tool working on a package of its own."""
    loader = importlib.machinery.SourceFileLoader("messages_tool", str(ROOT / "bin" / "messages"))
    module = importlib.util.module_from_spec(importlib.util.spec_from_loader("messages_tool", loader))
    monkeypatch.setitem(sys.modules, "messages_tool", module)
    loader.exec_module(module)
    package = tmp_path / "src" / "tongpin" / "ui"
    (package / "templates").mkdir(parents=True)
    (package / "islands").mkdir()
    (package / "apps.py").write_text("")
    (package / "views.py").write_text(
        'a = _("Saved %(name)s")\nb = ngettext("%d row", "%d rows", n)\n'
        'c = pgettext_lazy("theme", "Light")\nd = _(variable)\n'
    )
    (package / "templates" / "a.html").write_text(
        '{% translate "Save" %}{% blocktranslate trimmed %}\n  Two\n  lines\n{% endblocktranslate %}'
        '{% tag _("Owner") %}'
    )
    (package / "islands" / "a.ts").write_text(
        'const x = t("Undo"); tn("{n} day", "{n} days", 2); at("no");\n'
    )
    monkeypatch.setattr(module, "ROOT", tmp_path)
    monkeypatch.setattr(module, "PACKAGE", tmp_path / "src" / "tongpin")
    return module


def translate(tool, **texts: str) -> Path:
    path = tool.catalogue_path(tool.PACKAGE / "ui")
    used = tool.extracted()[tool.PACKAGE / "ui"]
    tool.write(
        path,
        {
            key: [texts.get(key.text, "译文" + "".join(tool.placeholders(key.plural or key.text)))]
            for key in used
        },
    )
    return path


def test_every_kind_of_string_is_found(tool):
    found = {(k.text, k.plural, k.context) for k in tool.extracted()[tool.PACKAGE / "ui"]}
    assert found == {
        ("Saved %(name)s", "", ""), ("%d row", "%d rows", ""), ("Light", "", "theme"), ("Save", "", ""),
        ("Two lines", "", ""), ("Owner", "", ""), ("Undo", "", ""), ("{n} day", "{n} days", ""),
    }  # fmt: skip


def test_update_adds_keeps_and_prunes(tool, capsys):
    path = translate(tool, Save="保存")
    (tool.PACKAGE / "ui" / "templates" / "a.html").write_text('{% translate "Delete" %}')
    tool.update(prune=False)
    text = path.read_text()
    assert 'msgid "Save"\nmsgstr "保存"' in text
    assert 'msgid "Delete"\nmsgstr ""' in text
    tool.update(prune=True)
    assert 'msgid "Save"' not in path.read_text()
    before = path.read_text()
    tool.update(prune=False)
    assert path.read_text() == before


def test_a_whole_catalogue_passes(tool, capsys):
    translate(tool)
    assert tool.check() == 0, capsys.readouterr().out


@pytest.mark.parametrize(
    ("texts", "complaint"),
    [
        ({"Save": ""}, "untranslated: 'Save'"),
        ({"Saved %(name)s": "已保存"}, "placeholders differ"),
        ({"Saved %(name)s": "已保存 %，%(name)s"}, "cannot be filled in"),
        ({"Saved %(name)s": "已保存 % s%(name)s"}, "cannot be filled in"),
        ({"{n} day": "{count} 天"}, "placeholders differ"),
        ({"Save": "保存,然后"}, "half-width punctuation"),
    ],
)
def test_faults_are_told(tool, capsys, texts, complaint):
    translate(tool, **texts)
    assert tool.check() == 1
    assert complaint in capsys.readouterr().out


def test_missing_unused_and_fuzzy_are_told(tool, capsys):
    path = translate(tool)
    path.write_text(path.read_text().replace('msgid "Undo"', '#, fuzzy\nmsgid "Redo"'))
    assert tool.check() == 1
    told = capsys.readouterr().out
    assert "missing: 'Undo'" in told
    assert "unused: 'Redo'" in told
    path = translate(tool)
    path.write_text(path.read_text().replace('msgid "Undo"', '#, fuzzy\nmsgid "Undo"'))
    assert tool.check() == 1
    assert "fuzzy: 'Undo'" in capsys.readouterr().out


def test_a_catalogue_nobody_loads_is_told(tool, capsys):
    translate(tool)
    stray = tool.PACKAGE / "ui" / "tags" / "locale" / "zh_Hans" / "LC_MESSAGES" / "django.po"
    tool.write(stray, {})
    assert tool.check() == 1
    assert "Django loads no catalogue here" in capsys.readouterr().out
