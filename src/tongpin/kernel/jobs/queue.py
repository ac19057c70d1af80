"""Work that takes longer than a page may: jobs in PostgreSQL, deferred in the transaction that wants them.

A job takes ids, loads, and calls an action. It may run twice (a worker that died is retried), so it is idempotent.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from procrastinate import RetryStrategy
from procrastinate.contrib.django import app

RETRY = RetryStrategy(max_attempts=5, exponential_wait=3)


def job(
    name: str, *, queue: str = "default", retry: RetryStrategy | None = RETRY, pass_context: bool = False
) -> Callable[..., Any]:
    """Register a function as the job ``module.noun_verb``. Its arguments are JSON values.

    ``pass_context``: the first one is a ``JobContext``; a job of minutes asks it ``should_abort()`` and then raises
    ``JobAborted``, so that the worker can end and the next one goes on.
    """
    register: Callable[..., Any] = app.task(
        name=name, queue=queue, retry=retry or False, pass_context=pass_context
    )
    return register


def periodic(cron: str, name: str) -> Callable[..., Any]:
    """Register a function (taking the timestamp) to run by a cron expression, in UTC, once across all workers."""

    def register(function: Callable[..., Any]) -> Any:
        return app.periodic(cron=cron, periodic_id=name)(
            app.task(name=name, queue="default", pass_context=False)(function)
        )

    return register
