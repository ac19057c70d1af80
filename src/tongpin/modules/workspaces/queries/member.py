"""Members of a workspace and the invitations to it."""

from __future__ import annotations

from collections.abc import Iterable

from allauth.account.models import EmailAddress
from django.db.models import Case, Count, Exists, F, IntegerField, OuterRef, Q, QuerySet, Value, When

from tongpin.kernel.tenancy.actor import Actor
from tongpin.kernel.tenancy.enums import Role
from tongpin.kernel.tenancy.models import Membership
from tongpin.lib.ids import parse_id
from tongpin.modules.workspaces.models import Invitation, digest
from tongpin.modules.workspaces.queries.finding import find

BY_POWER = Case(*[When(role=role, then=Value(role.rank)) for role in Role], output_field=IntegerField())


def is_last_owner(row: Membership) -> bool:
    """Whether the workspace would have no active owner without this member."""
    if row.role != Role.OWNER or row.deactivated_at is not None:
        return False
    others = Membership.objects.active().filter(workspace_id=row.workspace_id, role=Role.OWNER)
    return not others.exclude(pk=row.pk).exists()


def members(actor: Actor, text: str = "", *, deactivated: bool = False) -> QuerySet[Membership]:
    """Members the actor may see, owners first, then by name; ``text`` is found in name, pinyin and e-mail."""
    rows = with_confirmed(Membership.objects.visible_to(actor))
    rows = rows.exclude(deactivated_at=None) if deactivated else rows.filter(deactivated_at=None)
    rows = find(rows, text, within=known_by(actor), spoken="user__pinyin")
    return rows.order_by(BY_POWER, "user__pinyin", "user__name", "pk")


def with_confirmed(rows: QuerySet[Membership]) -> QuerySet[Membership]:
    """The rows with their ``user``, and ``confirmed``: whether that person has shown that the address is theirs."""
    own = EmailAddress.objects.filter(user=OuterRef("user"), email=OuterRef("user__email"), verified=True)
    return rows.select_related("user").annotate(confirmed=Exists(own))


def known_by(actor: Actor) -> tuple[str, ...]:
    """In which fields this actor may look for a member: whom no address is shown finds nobody by it."""
    return ("user__name",) if actor.role == Role.GUEST else ("user__name", "user__email")


def shows_address(actor: Actor, row: Membership) -> bool:
    """Whether the actor is told the member's e-mail address: colleagues are; a guest only knows their own."""
    own = actor.user is not None and actor.user.pk == row.user_id
    return own or actor.is_system or actor.role not in (None, Role.GUEST)


def chosen(actor: Actor, wanted: Iterable[str | Membership | None]) -> list[dict[str, str]]:
    """The members named by public id (or given), as rows of a picker; whom the actor does not see is left out."""
    ids = [m.public_id if isinstance(m, Membership) else parse_id(m or "") for m in wanted]
    rows = (
        Membership.objects.visible_to(actor)
        .select_related("user")
        .filter(public_id__in=[i for i in ids if i])
    )
    return [choice(actor, row) for row in rows]


def choice(actor: Actor, row: Membership) -> dict[str, str]:
    """A member as a row of a picker, with the address if the actor is told it."""
    hint = row.user.email if shows_address(actor, row) else ""
    return {"id": str(row.public_id), "title": row.user.name, "hint": hint}


def count_by_state(actor: Actor) -> tuple[int, int]:
    """How many active and how many deactivated members the actor sees."""
    off = Count("pk", filter=Q(deactivated_at__isnull=False))
    found = Membership.objects.visible_to(actor).aggregate(all=Count("pk"), off=off)
    return found["all"] - found["off"], found["off"]


def invitations(actor: Actor) -> QuerySet[Invitation]:
    """Invitations not yet used up or taken back, newest first; those past their end are among them."""
    rows: QuerySet[Invitation] = Invitation.objects.visible_to(actor).filter(revoked_at=None)
    rows = rows.exclude(max_uses__isnull=False, uses__gte=F("max_uses"))
    return rows.select_related("created_by", "imported_row").order_by("-pk")


def invitation_by_token(token: str) -> Invitation | None:
    """The invitation a token opens, whatever its state; None for no such token."""
    rows = Invitation.objects.select_related("workspace", "created_by")
    return rows.filter(token_hash=digest(token), workspace__deleted_at=None).first()


def has_open_invitation(email: str) -> bool:
    """Whether somebody has invited this address."""
    return bool(email) and Invitation.objects.open().filter(email=email.strip().lower()).exists()
