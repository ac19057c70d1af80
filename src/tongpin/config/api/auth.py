"""Who asks: the bearer of a token, nobody else. A browser's session opens nothing, so nothing can be forged."""

from __future__ import annotations

import re

from django.http import HttpRequest
from ninja.security import HttpBearer

from tongpin.config.api import limits
from tongpin.config.api.reading import check_length
from tongpin.kernel import authz
from tongpin.kernel.errors import Denied, NotFound
from tongpin.kernel.tenancy.actor import Actor
from tongpin.modules.workspaces import public as workspaces
from tongpin.ui.access import client_ip

_TOKEN = re.compile(r"[\x21-\x7e]{8,200}")


class Token(HttpBearer):
    """``Authorization: Bearer <token>``. Sets ``request.actor``, in the workspace of the address if it names
    one."""

    def authenticate(self, request: HttpRequest, token: str) -> Actor | None:
        """The actor, or None. Raises NotFound for a workspace that is not the token's, TooFast for too many
        calls."""
        if not _TOKEN.fullmatch(token):
            return None
        actor = workspaces.authenticate(token, ip=client_ip(request))
        if actor is None or actor.token is None:
            return None
        limits.count(actor.token)
        check_length(request)
        slug = request.resolver_match.kwargs.get("slug") if request.resolver_match else None
        if slug is not None and (actor.workspace is None or actor.workspace.slug != slug):
            raise NotFound
        request.actor = actor  # type: ignore[attr-defined]
        return actor


def actor_of(request: HttpRequest) -> Actor:
    """The actor of a request that passed ``Token``."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    return actor


def may_read(actor: Actor, object_type: str) -> bool:
    """Whether the token's scopes open objects of that type (``app_label.model``, or its app) to reading."""
    module = object_type.partition(".")[0]
    return authz.may_read(actor, "workspaces" if module == "tenancy" else module)


def in_workspace(request: HttpRequest) -> Actor:
    """The actor of a request about their workspace, whatever they may do there. Raises NotFound outside any."""
    actor = actor_of(request)
    if actor.workspace is None:
        raise NotFound
    return actor


def require(request: HttpRequest, permission: str) -> Actor:
    """The actor, if they hold the permission. Raises Denied."""
    actor = actor_of(request)
    if not authz.can(actor, permission):
        raise Denied
    return actor
