"""Sources and their keys, as pages show them."""

from __future__ import annotations

import uuid

from django.db.models import Prefetch

from tongpin.kernel.errors import NotFound
from tongpin.kernel.tenancy.actor import Actor
from tongpin.modules.analytics.models import Source, SourceKey


def sources(actor: Actor) -> list[Source]:
    """All sources of the workspace by name, ``workspace`` joined; there are a few hundred at most."""
    return list(Source.objects.visible_to(actor).select_related("workspace").order_by("name", "pk"))


def source(actor: Actor, public_id: uuid.UUID) -> Source:
    """One source with its keys in ``all_keys``, those in use first. Raises NotFound."""
    keys = Prefetch("keys", SourceKey.objects.order_by("retired_at", "pk"), to_attr="all_keys")
    row: Source | None = (
        Source.objects.visible_to(actor)
        .filter(public_id=public_id)
        .select_related("workspace")
        .prefetch_related(keys)
        .first()
    )
    if row is None:
        raise NotFound
    return row
