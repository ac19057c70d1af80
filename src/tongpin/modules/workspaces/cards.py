"""How members and workspaces appear wherever something refers to them."""

from __future__ import annotations

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from tongpin.kernel.objects import Card, SearchText
from tongpin.kernel.tenancy.enums import role_word
from tongpin.kernel.tenancy.models import Membership, Workspace


def of_member(row: Membership) -> Card:
    """A member's card; ``user`` and ``workspace`` are joined."""
    return Card(
        type=row._meta.label_lower,
        id=row.public_id,
        title=row.user.name,
        url=reverse("workspaces:member", args=[row.workspace.slug, row.public_id]),
        icon="user",
        state=_("Deactivated") if row.deactivated_at else "",
        hint=role_word(row.role),
    )


def text_of_member(row: Membership) -> SearchText | None:
    """What search keeps of a member; nothing of one who has left."""
    if row.deactivated_at is not None:
        return None
    return SearchText(title=row.user.name, body=row.user.email, pinyin=row.user.pinyin)


def of_workspace(row: Workspace) -> Card:
    """A workspace's card."""
    return Card(
        type=row._meta.label_lower, id=row.public_id, title=row.name, url=f"/w/{row.slug}/", icon="building-2"
    )
