"""What is known of a write before it is run; the door and every list of actions read it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from django.db import models
from pydantic import BaseModel

R = TypeVar("R")


@dataclass(frozen=True)
class Declared(Generic[R]):
    """A registered write, as data.

    ``function`` is ``(actor, data)`` or, with a ``target`` model, ``(actor, row, data)``; ``data`` is annotated with
    its pydantic model. ``inverse`` names the action that undoes it, on the same target (or, where there was none, on
    the row it returned); ``inverse_data(before, row)`` gives its input, ``before`` being the target's field values
    before the run. An ``account`` action concerns the person alone.
    """

    name: str
    function: Callable[..., R]
    permission: str
    target: type[models.Model] | None
    input: type[BaseModel]
    inverse: str | None = None
    inverse_data: Callable[[dict[str, Any], Any], dict[str, Any]] | None = None
    account: bool = False
    api: bool = True
    doc: str = field(default="", compare=False)


registry: dict[str, Declared[Any]] = {}
