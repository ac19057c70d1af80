"""Reading the project's own source for the rules that imports cannot show."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "src" / "tongpin"


def python_files(folder: Path = PACKAGE) -> list[Path]:
    """The project's Python files, without tests and migrations."""
    return sorted(
        p
        for p in folder.rglob("*.py")
        if not {"tests", "migrations", "testing"} & set(p.relative_to(folder).parts)
    )


def calls(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """Line and dotted name of each call, such as ``(12, "LookBack.objects.create")``."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            name = dotted(node.func)
            if name:
                yield node.lineno, name


def dotted(node: ast.AST) -> str:
    """``a.b.c`` for an attribute chain; calls inside the chain are written as ``a.filter().c``."""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        return f"{dotted(node.value)}.{node.attr}"
    if isinstance(node, ast.Call):
        return f"{dotted(node.func)}()"
    if isinstance(node, ast.Subscript):
        return f"{dotted(node.value)}[]"
    return ""
