"""Acting as a member from the command line, through the same door as every page."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Any

import click
from django.utils.translation import gettext as _

from tongpin.config.cli.speaking import fail, show_json, with_django

if TYPE_CHECKING:
    from tongpin.kernel.actions.door import Outcome
    from tongpin.kernel.tenancy.actor import Actor

AS = click.option(
    "--as", "email", metavar="EMAIL", help="The member who acts; the workspace's first owner unless given."
)
IN = click.option(
    "--workspace", "-w", "slug", metavar="SLUG", help="The workspace; may be left out if there is only one."
)


def resolve_actor(email: str | None, slug: str | None) -> Actor:
    """The acting member. Raises NotFound with a hint when the choice is not clear."""
    from tongpin.kernel.errors import NotFound
    from tongpin.kernel.tenancy.actor import Actor
    from tongpin.kernel.tenancy.enums import Role, Via
    from tongpin.kernel.tenancy.models import Membership

    rows = Membership.objects.active().filter(workspace__deleted_at=None, user__is_active=True)
    if slug:
        rows = rows.filter(workspace__slug=slug)
    rows = rows.filter(user__email=email.lower()) if email else rows.filter(role=Role.OWNER)
    found = list(rows.select_related("workspace", "user").order_by("joined_at", "pk"))
    if not found:
        raise NotFound(
            _("No such active member."),
            code="no_such_member",
            hint=_("See `tongpin member list`, --workspace and --as."),
        )
    slugs = sorted({row.workspace.slug for row in found})
    if len(slugs) > 1:
        raise NotFound(
            _("There are several workspaces."),
            code="workspace_missing",
            hint=_("Choose one with --workspace: %(slugs)s.") % {"slugs": ", ".join(slugs)},
        )
    return Actor.for_member(found[0], Via.CLI)


def outcome_json(outcome: Outcome[Any]) -> dict[str, Any]:
    """What an action did: the row's id and version, what is shown only now, the events, the call that takes it back."""
    value = outcome.value
    return {
        "id": str(value.public_id) if hasattr(value, "public_id") else None,
        "version": getattr(value, "version", None),
        "shown_once": getattr(value, "shown_once", "") or None,
        "repeated": outcome.repeated,
        "events": [{"id": str(event.uid), "name": event.name} for event in outcome.events],
        "undo": None
        if outcome.undo is None
        else {"action": outcome.undo.action, "target": outcome.undo.target, "data": outcome.undo.data},
    }


@click.command()
@click.argument("action", required=False)
@click.option("--json", "text", default="{}", metavar="JSON", help="The input; `-` reads standard input.")
@click.option("--target", metavar="ID", help="The public id of the row acted on.")
@click.option("--version", type=int, help="The version you saw; refused if the same field changed since.")
@click.option("--once", metavar="KEY", help="Idempotency key: the same call again has no second effect.")
@click.option("--list", "listing", is_flag=True, help="List the actions, or show the input of ACTION.")
@AS
@IN
@with_django
def do(
    action: str | None,
    text: str,
    target: str | None,
    version: int | None,
    once: str | None,
    listing: bool,
    email: str | None,
    slug: str | None,
) -> None:
    """Run any ACTION as a member, exactly as a page or the API would.

    Example: tongpin do workspaces.member.invite --json '{"email": "li@example.com", "role": "member"}'
    """
    from tongpin.kernel.actions.door import run_named
    from tongpin.kernel.actions.registry import registry
    from tongpin.lib.ids import parse_id

    if action and action not in registry:
        return fail(
            _("There is no action named “%(name)s”.") % {"name": action}, _("See `tongpin do --list`.")
        )
    if listing or not action:
        if action:
            show_json(
                {
                    "name": action,
                    "about": registry[action].doc,
                    "takes_target": registry[action].target is not None,
                    "input": registry[action].input.model_json_schema(),
                }
            )
            return
        for name in sorted(registry):
            click.echo(f"{name:<44} {registry[name].doc.splitlines()[0] if registry[name].doc else ''}")
        return
    try:
        data = json.loads(sys.stdin.read() if text == "-" else text)
    except (ValueError, RecursionError) as error:
        return fail(_("--json is not JSON: %(why)s") % {"why": error})
    if not isinstance(data, dict):
        return fail(_("--json must be an object, such as %(example)s.") % {"example": '{"name": "…"}'})
    row = parse_id(target) if target else None
    if target and row is None:
        return fail(_("This is not an id: %(text)s") % {"text": target})
    show_json(
        outcome_json(
            run_named(action, resolve_actor(email, slug), data, target=row, version=version, once=once)
        )
    )
    return None


@click.group()
def member() -> None:
    """List, invite and change members."""


@member.command("list")
@AS
@IN
@with_django
def member_list(email: str | None, slug: str | None) -> None:
    """The members the acting one may see."""
    from tongpin.kernel.tenancy.models import Membership

    rows = (
        Membership.objects.visible_to(resolve_actor(email, slug))
        .select_related("user")
        .order_by("joined_at", "pk")
    )
    for row in rows:
        state = "" if row.deactivated_at is None else "  (deactivated)"
        click.echo(f"{row.public_id}  {row.role:<7} {row.user.email:<34} {row.user.name}{state}")


@member.command("invite")
@click.argument("address")
@click.option(
    "--role",
    type=click.Choice(["admin", "member", "guest"]),
    default="member",
    show_default=True,
    help="What they may do.",
)
@AS
@IN
@with_django
def member_invite(address: str, role: str, email: str | None, slug: str | None) -> None:
    """Invite ADDRESS by mail."""
    from tongpin.kernel.actions.door import run_named

    outcome = run_named(
        "workspaces.member.invite", resolve_actor(email, slug), {"email": address, "role": role}
    )
    show_json(outcome_json(outcome))


@member.command("role")
@click.argument("address")
@click.argument("role", type=click.Choice(["owner", "admin", "member", "guest"]))
@AS
@IN
@with_django
def member_role(address: str, role: str, email: str | None, slug: str | None) -> None:
    """Give the member with ADDRESS another ROLE."""
    _on_member("workspaces.member.change_role", address, {"role": role}, email, slug)


@member.command("deactivate")
@click.argument("address")
@AS
@IN
@with_django
def member_deactivate(address: str, email: str | None, slug: str | None) -> None:
    """End the membership of ADDRESS; what they made stays."""
    _on_member("workspaces.member.deactivate", address, {}, email, slug)


def _on_member(action: str, address: str, data: dict[str, Any], email: str | None, slug: str | None) -> None:
    from tongpin.kernel.actions.door import run_named
    from tongpin.kernel.tenancy.models import Membership

    actor = resolve_actor(email, slug)
    row = Membership.objects.visible_to(actor).filter(user__email=address.lower()).first()
    if row is None:
        return fail(
            _("No member has the address %(email)s.") % {"email": address}, _("See `tongpin member list`.")
        )
    show_json(outcome_json(run_named(action, actor, data, target=row)))
    return None


@click.group()
def token() -> None:
    """Make and revoke API tokens."""


@token.command("create")
@click.argument("name")
@click.option("--scope", "scopes", multiple=True, required=True, help="Such as goals:read; may be repeated.")
@click.option(
    "--days",
    type=click.IntRange(0, 730),
    default=90,
    show_default=True,
    help="How long it works; 0 for ever.",
)
@AS
@IN
@with_django
def token_create(name: str, scopes: tuple[str, ...], days: int, email: str | None, slug: str | None) -> None:
    """Make a token called NAME and print it: it is shown this once."""
    from tongpin.kernel.actions.door import run_named

    outcome = run_named(
        "workspaces.token.create",
        resolve_actor(email, slug),
        {"name": name, "scopes": list(scopes), "days": days or None},
    )
    click.echo(outcome.value.secret)


@token.command("list")
@AS
@IN
@with_django
def token_list(email: str | None, slug: str | None) -> None:
    """The acting member's tokens."""
    from tongpin.modules.workspaces.public import tokens_of

    for row in tokens_of(resolve_actor(email, slug)):
        click.echo(f"{row.public_id}  {row.prefix}…  {row.name}  {' '.join(row.scopes)}")


@token.command("revoke")
@click.argument("token_id")
@AS
@IN
@with_django
def token_revoke(token_id: str, email: str | None, slug: str | None) -> None:
    """Revoke the token with TOKEN_ID: it stops working at once."""
    from tongpin.kernel.actions.door import run_named
    from tongpin.lib.ids import parse_id

    row = parse_id(token_id)
    if row is None:
        return fail(_("This is not an id: %(text)s") % {"text": token_id}, _("See `tongpin token list`."))
    show_json(outcome_json(run_named("workspaces.token.revoke", resolve_actor(email, slug), {}, target=row)))
    return None
