"""Sources and their keys, as pages show them."""

from __future__ import annotations

import uuid
from collections.abc import Iterator

from django.db.models import Prefetch
from django.utils.translation import gettext as _

from tongpin.kernel.errors import NotFound
from tongpin.kernel.tenancy.actor import Actor
from tongpin.kernel.upkeep import contacts
from tongpin.kernel.upkeep.contacts import Outgoing
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


def forwarding_contact(host: str) -> str:
    """What calls to a host of ``forward_to`` are noted as."""
    return f"forward:{host}"[:120]


def outgoing() -> Iterator[Outgoing]:
    """The old vendors requests are passed on to, and how the last call to each went: for the server's owner."""
    rows = Source._base_manager.filter(deleted_at=None, workspace__deleted_at=None).exclude(forward_to="")
    for host in rows.values_list("forward_to", flat=True).distinct().order_by("forward_to"):
        last = contacts.last(forwarding_contact(host))
        where = host.partition("://")[2] or host
        yield Outgoing(_("Events passed on"), where, last.good_at, last.bad_at, last.words)
