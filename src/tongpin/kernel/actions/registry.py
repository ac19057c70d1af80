"""How a module declares a write: the decorator ``action``, and what it makes."""

from __future__ import annotations

import inspect
import typing
import uuid
from collections.abc import Callable
from typing import Any, TypeVar

from django.db import models
from pydantic import BaseModel, ConfigDict

from tongpin.kernel.actions import door
from tongpin.kernel.actions.declared import Declared, registry
from tongpin.kernel.tenancy.actor import Actor

R = TypeVar("R")

__all__ = ["Action", "Empty", "action", "registry"]


class Empty(BaseModel):
    """The input of an action that needs none."""

    model_config = ConfigDict(extra="forbid")


class Action(Declared[R]):
    """A registered write. Call ``run``; the undecorated function is never called from outside."""

    def run(
        self,
        actor: Actor,
        data: BaseModel | dict[str, Any] | None = None,
        *,
        target: uuid.UUID | models.Model | None = None,
        version: int | None = None,
        once: str | None = None,
        is_import: bool = False,
    ) -> door.Outcome[R]:
        """Go through the door (``door.run``)."""
        return door.run(
            self, actor, data or {}, target=target, version=version, once=once, is_import=is_import
        )


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
