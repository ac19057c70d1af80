"""Reading: who one is, where, with whom, what there is, and what happened."""

from __future__ import annotations

from typing import Annotated, Literal

from django.apps import apps as django_apps
from django.db.models import prefetch_related_objects
from django.http import HttpRequest
from ninja import Query, Router

from tongpin.config.api import shapes
from tongpin.config.api.auth import actor_of, in_workspace, may_read, require
from tongpin.kernel import objects, paging
from tongpin.kernel.errors import Invalid
from tongpin.kernel.events import payloads, stream
from tongpin.kernel.events.models import Event
from tongpin.kernel.realtime import audience
from tongpin.kernel.search import query as search_query
from tongpin.kernel.tenancy.actor import Actor
from tongpin.kernel.tenancy.enums import Role
from tongpin.kernel.tenancy.models import Membership, User
from tongpin.modules.workspaces.public import shows_address

router = Router()

Limit = Annotated[int, Query(ge=1, le=paging.MOST)]
Cursor = Annotated[str | None, Query(max_length=40)]


@router.get("/me", response=shapes.Me, operation_id="me", tags=["account"])
def me(request: HttpRequest) -> shapes.Me:
    """Whose token this is."""
    actor = actor_of(request)
    user = actor.user
    assert user is not None
    return shapes.Me(
        person=shapes.Person(
            id=user.public_id,
            kind=_kind(user),
            name=user.name,
            email=None if user.is_token else user.email,
            language=user.language,
            time_zone=user.time_zone,
        ),
        workspace=_workspace(actor),
        scopes=sorted(actor.scopes) if actor.scopes is not None else None,
    )


@router.get(
    "/workspaces", response=shapes.Page[shapes.Workspace], operation_id="workspaces", tags=["account"]
)
def workspaces(request: HttpRequest) -> shapes.Page[shapes.Workspace]:
    """Workspaces this token works in."""
    found = _workspace(actor_of(request))
    return shapes.Page[shapes.Workspace](items=[found] if found else [], next=None)


@router.get("/workspaces/{slug}", response=shapes.Workspace, operation_id="workspace", tags=["workspaces"])
def workspace(request: HttpRequest, slug: str) -> shapes.Workspace:
    """One workspace."""
    found = _workspace(require(request, "workspaces.workspace.view"))
    assert found is not None
    return found


@router.get(
    "/workspaces/{slug}/search", response=shapes.Page[shapes.Card], operation_id="search", tags=["workspaces"]
)
def search(
    request: HttpRequest,
    slug: str,
    q: Annotated[str, Query(min_length=1, max_length=search_query.QUERY_LIMIT)],
    of_type: Annotated[
        str | None, Query(alias="type", max_length=60, description="Only objects of this type.")
    ] = None,
    limit: Annotated[int, Query(ge=1, le=100)] = 20,
) -> shapes.Page[shapes.Card]:
    """Objects whose title or text holds every word of ``q``, best first. Only types the token may read."""
    actor = in_workspace(request)
    types = [key for key in objects.types() if may_read(actor, key) and of_type in (None, key)]
    cards = search_query.find(actor, q, types=types, limit=limit)
    return shapes.Page[shapes.Card](items=[shapes.Card.of(card) for card in cards], next=None)


@router.get(
    "/workspaces/{slug}/members",
    response=shapes.Page[shapes.Member],
    operation_id="members",
    tags=["workspaces"],
)
def members(
    request: HttpRequest, slug: str, cursor: Cursor = None, limit: Limit = paging.LIMIT
) -> shapes.Page[shapes.Member]:
    """People of the workspace, those who left included, in the order they joined."""
    actor = require(request, "workspaces.member.view")
    page = paging.page(Membership.objects.visible_to(actor).select_related("user"), cursor, limit)
    return shapes.Page[shapes.Member](items=[_member(actor, row) for row in page.items], next=page.next)


@router.get(
    "/workspaces/{slug}/events",
    response=shapes.Page[shapes.Event],
    operation_id="events",
    tags=["workspaces"],
)
def events(
    request: HttpRequest, slug: str, cursor: Cursor = None, limit: Limit = paging.LIMIT
) -> shapes.Page[shapes.Event]:
    """Everything that happened, oldest first, for admins. Keep ``next`` and ask again with it for what is
    new."""
    actor = require(request, "workspaces.activity.view")
    rows = _stream(actor, cursor, limit)
    following = paging.encode(rows[-1].uid) if rows else cursor
    return shapes.Page[shapes.Event](items=[_event(row) for row in rows], next=following)


def _workspace(actor: Actor) -> shapes.Workspace | None:
    found = actor.workspace
    if found is None or actor.role is None:
        return None
    return shapes.Workspace(
        id=found.public_id,
        slug=found.slug,
        name=found.name,
        language=found.language,
        time_zone=found.time_zone,
        role=actor.role,
    )


def _member(actor: Actor, row: Membership) -> shapes.Member:
    return shapes.Member(
        id=row.public_id,
        name=row.user.name,
        email=row.user.email if shows_address(actor, row) else None,
        role=Role(row.role),
        active=row.deactivated_at is None,
        joined_at=row.joined_at,
    )


def _stream(actor: Actor, cursor: str | None, limit: int) -> list[Event]:
    """The workspace's events after the one the cursor names, as far as the token reads; nobody's personal ones.

    Raises Invalid for a cursor of another workspace.
    """
    assert actor.workspace is not None
    position = stream.START
    if cursor:
        last = Event.objects.filter(workspace=actor.workspace, uid=paging.decode(cursor)).first()
        if last is None:
            raise Invalid(field="cursor", code="cursor_unknown")
        position = stream.Position(last.xid, last.pk)
    apps = [app.label for app in django_apps.get_app_configs() if may_read(actor, app.label)]
    rows = stream.read_of(actor.workspace, position, limit, apps=apps, without=audience.personal_types())
    prefetch_related_objects(rows, "actor")
    return rows


def _kind(user: User) -> Literal["person", "token"]:
    return "token" if user.is_token else "person"


def _actor(user: User) -> shapes.Actor:
    return shapes.Actor(id=user.public_id, kind=_kind(user), name=user.name)


def _event(row: Event) -> shapes.Event:
    v, payload = row.v, row.payload
    kind = payloads.kinds().get(row.name)
    if kind is not None and kind.v != v:
        v, payload = kind.v, payloads.to_json(payloads.from_row(row.name, v, payload))
    return shapes.Event(
        id=row.uid,
        name=row.name,
        v=v,
        payload=payload,
        subject=shapes.Subject(type=row.subject_type, id=row.subject_id, version=row.subject_version),
        changed=row.changed,
        actor=_actor(row.actor) if row.actor else None,
        via=row.via,
        action=row.action,
        causation=row.causation,
        at=row.at,
    )
