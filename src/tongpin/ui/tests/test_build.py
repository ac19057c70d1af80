"""The built front end: within its budget, free of what the CSP refuses, rebuilt only when something changed."""

from __future__ import annotations

import gzip
import importlib.util
import json
import re
import shutil
from pathlib import Path

import pytest

from tongpin.ui import manifest

ROOT = Path(__file__).resolve().parents[4]
PACKAGE = ROOT / "src" / "tongpin"


def gz(*names: str) -> int:
    """Bytes over the wire of these assets and of the chunks they need at once."""
    files = set()
    for name in names:
        entry = manifest.manifest()["files"][name]
        files |= {entry["file"], *entry["imports"]}
    return sum(len(gzip.compress((manifest.FOLDER / f).read_bytes(), 9)) for f in files)


def test_the_first_page_is_small():
    assert gz("app.js", "app.css") <= 60 * 1024


def test_the_charts_are_a_chunk_of_their_own_within_their_budget():
    assert gz("lazy/chart_engine.js") <= 210 * 1024
    assert "chart_engine" not in json.dumps(manifest.manifest()["files"]["app.js"])


def test_css_brings_no_address_and_no_import():
    css = manifest.file_of("app.css").read_text()
    assert not re.search(r"@import|url\((?!['\"]?data:)", css)
    assert css.startswith("@layer reset,tokens,base,components,utilities")


def test_our_islands_use_nothing_the_policy_refuses():
    for path in PACKAGE.rglob("*.ts"):
        text = path.read_text()
        assert not re.search(
            r"\beval\(|new Function|innerHTML\s*=|setAttribute\(\"style\"|outerHTML\s*=", text
        ), path


def test_templates_use_nothing_the_policy_refuses():
    refused = re.compile(
        r"\sstyle=|\son[a-z]+=\"|hx-on|hx-vals=['\"]js:|<style|<script(?![^>]*(src=|application/json))"
    )
    for path in PACKAGE.rglob("templates/**/*.html"):
        if "mail" not in path.parts and not path.name.endswith("_mail.html"):
            assert not refused.search(path.read_text()), path


def test_islands_are_short():
    for path in PACKAGE.rglob("islands/**/*.ts"):
        assert len(path.read_text().splitlines()) <= 200, path


@pytest.fixture
def hook(tmp_path):
    """The build hook on a small copy, its npm and node replaced by a record of their calls."""
    spec = importlib.util.spec_from_file_location("hatch_build_copy", ROOT / "hatch_build.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    for name in module.TOOLING:
        shutil.copy(ROOT / name, tmp_path / name)
    (tmp_path / "src/tongpin/ui/css").mkdir(parents=True)
    (tmp_path / "src/tongpin/ui/css/base.css").write_text("a{}")
    (tmp_path / "node_modules").mkdir()
    (tmp_path / module.OUTPUT).mkdir(parents=True)
    calls = []
    module._npm = lambda root, *args: calls.append(args[0])

    def build(root, *args):
        calls.append(args[0])
        (root / module.OUTPUT / "manifest.json").write_text("{}")

    module._node = build
    return module, tmp_path, calls


def test_an_unchanged_tree_is_not_built_again(hook):
    module, root, calls = hook
    assert module.build_front_end(root)
    assert not module.build_front_end(root)
    assert calls == ["ci", "build.mjs"]
    (root / "src/tongpin/ui/css/base.css").write_text("a{color:red}")
    assert module.build_front_end(root)
    assert calls == ["ci", "build.mjs", "build.mjs"]


def test_an_output_that_was_removed_is_built_again(hook):
    module, root, _calls = hook
    module.build_front_end(root)
    shutil.rmtree(root / module.OUTPUT)
    (root / module.OUTPUT).mkdir()
    assert module.build_front_end(root)


def test_new_packages_are_installed(hook):
    module, root, calls = hook
    module.build_front_end(root)
    (root / "package-lock.json").write_text("{}")
    module.build_front_end(root)
    assert calls.count("ci") == 2


def test_the_lock_file_carries_no_addresses():
    assert "resolved" not in (ROOT / "package-lock.json").read_text()
    assert "http" not in re.sub(r'"funding".*?\}', "", (ROOT / "package-lock.json").read_text(), flags=re.S)
