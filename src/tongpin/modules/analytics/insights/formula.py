"""Arithmetic over the series of a trend: ``100 * A / B``."""

from __future__ import annotations

import ast
import math
import operator
from collections.abc import Mapping

from django.utils.translation import gettext as _

_OPERATIONS = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
}

_ALLOWED = (ast.BinOp, ast.UnaryOp, ast.Name, ast.Constant, ast.operator, ast.unaryop, ast.Load)


def names(text: str) -> set[str]:
    """The series a formula uses. Raises ValueError for anything but + - * / ( ) numbers and names."""
    tree = _parsed(text)
    for node in ast.walk(tree):
        if not isinstance(node, _ALLOWED):
            raise ValueError(_("a formula is made of names, numbers, + - * / and brackets"))
        if isinstance(node, ast.BinOp) and type(node.op) not in _OPERATIONS:
            raise ValueError(_("a formula knows + - * /"))
        if isinstance(node, ast.UnaryOp) and not isinstance(node.op, ast.USub | ast.UAdd):
            raise ValueError(_("a formula knows + - * /"))
        if isinstance(node, ast.Constant) and (
            isinstance(node.value, bool) or not isinstance(node.value, int | float)
        ):
            raise ValueError(_("a formula knows numbers only"))
    return {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}


def value(text: str, of: Mapping[str, float | None]) -> float | None:
    """What it comes to; None where an operand is None, and on division by zero (SPEC §5)."""
    found = _value(_parsed(text), of)
    return found if found is not None and math.isfinite(found) else None


def _parsed(text: str) -> ast.expr:
    try:
        return ast.parse(text.strip(), mode="eval").body
    except (SyntaxError, RecursionError, MemoryError) as problem:
        raise ValueError(_("this is no formula")) from problem


def _value(node: ast.expr, of: Mapping[str, float | None]) -> float | None:
    if isinstance(node, ast.Constant):
        assert isinstance(node.value, int | float)  # names() let nothing else through
        return float(node.value)
    if isinstance(node, ast.Name):
        return of[node.id]
    if isinstance(node, ast.UnaryOp):
        inner = _value(node.operand, of)
        return None if inner is None else -inner if isinstance(node.op, ast.USub) else inner
    if not isinstance(node, ast.BinOp):
        raise TypeError(node)
    left, right = _value(node.left, of), _value(node.right, of)
    if left is None or right is None or (isinstance(node.op, ast.Div) and right == 0):
        return None
    try:
        return float(_OPERATIONS[type(node.op)](left, right))
    except OverflowError:
        return None
