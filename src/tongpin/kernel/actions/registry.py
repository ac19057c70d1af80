"""How a module declares a write, and where every door finds it."""

from __future__ import annotations

import inspect
import typing
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from django.db import models
from pydantic import BaseModel, ConfigDict

if TYPE_CHECKING:
    import uuid

    from tongpin.kernel.actions.door import Outcome
    from tongpin.kernel.tenancy.actor import Actor

R = TypeVar("R")


class Empty(BaseModel):
    """The input of an action that needs none."""

    model_config = ConfigDict(extra="forbid")


@dataclass(frozen=True)
class Action(Generic[R]):
    """A registered write. Call ``run``; the undecorated function is never called from outside.

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

    def run(
        self,
        actor: Actor,
        data: BaseModel | dict[str, Any] | None = None,
        *,
        target: uuid.UUID | models.Model | None = None,
        version: int | None = None,
        once: str | None = None,
        is_import: bool = False,
    ) -> Outcome[R]:
        """Go through the door (``door.run``)."""
        from tongpin.kernel.actions import door  # noqa: PLC0415  the door needs the registry's types

        return door.run(
            self, actor, data or {}, target=target, version=version, once=once, is_import=is_import
        )


registry: dict[str, Action[Any]] = {}


def action(
    name: str,
    *,
    permission: str,
    target: type[models.Model] | None = None,
    inverse: str | None = None,
    inverse_data: Callable[[dict[str, Any], Any], dict[str, Any]] | None = None,
    account: bool = False,
    api: bool = True,
) -> Callable[[Callable[..., R]], Action[R]]:
    """Register a function as the action ``module.noun.verb``. Raises ValueError for a second one of that name."""

    def register(function: Callable[..., R]) -> Action[R]:
        if name in registry:
            raise ValueError(f"action registered twice: {name}")
        hints = typing.get_type_hints(function)
        last = list(inspect.signature(function).parameters)[-1]
        made: Action[R] = Action(
            name=name,
            function=function,
            permission=permission,
            target=target,
            input=hints[last],
            inverse=inverse,
            inverse_data=inverse_data,
            account=account,
            api=api,
            doc=inspect.getdoc(function) or "",
        )
        registry[name] = made
        return made

    return register
