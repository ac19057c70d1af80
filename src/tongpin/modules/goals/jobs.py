"""Computing a result, outside any page."""

from __future__ import annotations

import uuid

import structlog
from django.db import DatabaseError, InterfaceError

from tongpin.kernel.errors import NotFound
from tongpin.kernel.jobs.queue import job
from tongpin.kernel.tenancy.actor import Actor
from tongpin.kernel.tenancy.models import Workspace
from tongpin.lib.effects import SpecError, effect_to_json, evaluate
from tongpin.modules.goals import actions, queries
from tongpin.modules.goals.actions import JOB

log = structlog.get_logger("tongpin.goals")


@job(JOB)
def evaluate_lookback(lookback: str, workspace: str, run: int) -> None:
    """Compute the result of run number ``run`` and have it recorded.

    A run that is over or was replaced does nothing; one that died half-way starts over and reaches the same result.
    """
    found = Workspace.objects.filter(public_id=workspace, deleted_at=None).first()
    if found is None:
        return
    actor = Actor.system(found)
    try:
        row = queries.lookback(actor, uuid.UUID(lookback))
    except NotFound:  # deleted while it waited
        return
    if row.run != run or not row.is_busy:
        return
    actions.start_lookback.run(actor, {"run": run}, target=row)

    def tell(share: float, step: str) -> None:
        actions.record_progress.run(actor, {"run": run, "progress": share, "step": step}, target=row)

    try:
        effect = evaluate(row.to_series(), row.to_spec(), progress=tell)
    except NotFound:  # deleted while it ran
        return
    except (DatabaseError, InterfaceError):
        raise  # the queue tries again
    except SpecError as error:
        actions.record_failure.run(
            actor, {"run": run, "code": error.code, "params": error.params}, target=row
        )
    except Exception:
        # Computing is deterministic: trying again by itself would fail again, so a person decides.
        log.exception("goals.evaluation_failed", lookback=lookback, run=run)
        actions.record_failure.run(actor, {"run": run, "code": "internal"}, target=row)
    else:
        actions.record_result.run(actor, {"run": run, "result": effect_to_json(effect)}, target=row)
