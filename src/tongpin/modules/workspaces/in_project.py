"""Pages of one project: ``/w/<slug>/projects/<KEY>/…``, for this module and the higher ones."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import register_converter

from tongpin.modules.workspaces.queries import project as query
from tongpin.ui import tabs

V = TypeVar("V", bound=Callable[..., HttpResponse])


class KeyConverter:
    """``<key:key>`` in an address: letters in any case, since people type them."""

    regex = "[A-Za-z]{2,6}"

    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: str) -> str:
        return value


register_converter(KeyConverter, "key")


def in_project(view: V) -> V:
    """The view gets the project the actor may see instead of ``key``; an old key, or a small one, leads to the page.

    Stands below ``in_workspace``: ``@in_workspace("work.item.view") @in_project def board(request, project)``.
    """

    @wraps(view)
    def found(request: HttpRequest, key: str, *args: Any, **kwargs: Any) -> HttpResponse:
        project = query.project_by_key(request.actor, key)  # type: ignore[attr-defined]
        if project.key != key and request.method == "GET":
            here = request.get_full_path()
            return redirect(here.replace(f"/projects/{key}/", f"/projects/{project.key}/", 1))
        return view(request, project, *args, **kwargs)

    return found  # type: ignore[return-value]


def frame(request: HttpRequest, project: Any) -> dict[str, Any]:
    """What ``workspaces/project_base.html`` shows around every tab of a project."""
    return {"project": project, "tabs": tabs.of(request, project)}
