"""One project: overview, members, settings, and what its buttons do."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from tongpin.kernel import authz
from tongpin.kernel.actions.door import Outcome
from tongpin.kernel.actions.registry import Action
from tongpin.kernel.errors import Conflict, Invalid
from tongpin.kernel.tenancy.actor import Actor
from tongpin.modules.workspaces.actions import project as actions
from tongpin.modules.workspaces.actions import project_member as member_actions
from tongpin.modules.workspaces.enums import ProjectRole
from tongpin.modules.workspaces.forms import EditProjectForm
from tongpin.modules.workspaces.in_project import frame, in_project
from tongpin.modules.workspaces.models import Project
from tongpin.modules.workspaces.queries import project as query
from tongpin.ui.access import in_workspace
from tongpin.ui.answers import done, toast
from tongpin.ui.forms import refuse

FACES = 12


def _actor(request: HttpRequest) -> Actor:
    actor: Actor = request.actor  # type: ignore[attr-defined]
    return actor


def _fresh(request: HttpRequest, project: Project) -> dict[str, Any]:
    """The frame of a project that has just been changed."""
    return frame(request, query.project_by_key(_actor(request), project.key))


@in_workspace("workspaces.project.view")
@in_project
@require_safe
def overview(request: HttpRequest, project: Project) -> HttpResponse:
    """What it is for, who is in it, and what other modules know about it."""
    actor = _actor(request)
    context = {
        **frame(request, project),
        "places": query.places(actor, project, limit=FACES).items,
        "may_edit": authz.can(actor, "workspaces.project.edit", project),
    }
    return render(request, "workspaces/project.html", context)


def _members(request: HttpRequest, project: Project) -> dict[str, Any]:
    actor = _actor(request)
    return {
        "page": query.places(actor, project, request.GET.get("cursor", "")),
        "may_edit": authz.can(actor, "workspaces.project.edit", project),
        "roles": ProjectRole,
    }


@in_workspace("workspaces.project.view")
@in_project
@require_safe
def members(request: HttpRequest, project: Project) -> HttpResponse:
    """Who is in it, and as what."""
    context = {**frame(request, project), **_members(request, project)}
    return render(request, "workspaces/project_members.html", context)


@in_workspace("workspaces.project.view")
@in_project
@require_POST
def set_members(request: HttpRequest, project: Project) -> HttpResponse:
    """Take people in, change a role, or take somebody out: ``member`` (one or several) and ``role`` ("" is out)."""
    role = request.POST.get("role", "")
    named = request.POST.getlist("member")
    if not named:
        raise Invalid(_("Choose at least one person."), field="member")
    places = [{"member": member, "role": role or None} for member in named]
    outcome = member_actions.set_members.run(_actor(request), {"members": places}, target=project)
    context = {**_fresh(request, project), **_members(request, project)}
    response = render(request, "workspaces/project_members.html", context)
    return done(request, response, _said(outcome), outcome)


def _said(outcome: Outcome[Project]) -> str:
    if not outcome.events:
        return _("Nothing has changed.")
    changes = outcome.events[0].payload["changes"]
    if len(changes) == 1:
        words = (
            _("%(name)s was removed from the project.")
            if not changes[0]["after"]
            else _("%(name)s is %(role)s now.")
        )
        role = ProjectRole(changes[0]["after"]).label if changes[0]["after"] else ""
        return words % {"name": changes[0]["name"], "role": role}
    return ngettext("%(n)d place changed.", "%(n)d places changed.", len(changes)) % {"n": len(changes)}


@in_workspace("workspaces.project.view")
@in_project
@require_http_methods(["GET", "POST"])
def settings(request: HttpRequest, project: Project) -> HttpResponse:
    """Name, key, kind, purpose, icon, colour, visibility; archiving and deleting."""
    actor = _actor(request)
    authz.require(actor, "workspaces.project.edit", project)
    initial = {name: getattr(project, name) for name in actions.EditProject.model_fields}
    if request.method == "GET":
        form = EditProjectForm(initial=initial)
        return render(request, "workspaces/project_settings.html", {**frame(request, project), "form": form})
    form = EditProjectForm(request.POST, initial=initial)
    if form.is_valid():
        version = request.POST.get("version", "")
        try:
            outcome = actions.edit_project.run(
                actor,
                form.changes(),
                target=project,
                version=int(version) if version.isdecimal() else None,
            )
        except Invalid as error:
            refuse(form, error)
        except Conflict as error:
            if not form.show_clash(Project.objects.get(pk=project.pk)):
                form.add_error(None, f"{error.message} {error.hint}")
        else:
            now = {name: getattr(outcome.value, name) for name in initial}
            context = {**_fresh(request, outcome.value), "form": EditProjectForm(initial=now)}
            response = render(request, "workspaces/project_settings.html", context)
            response.headers["HX-Replace-Url"] = reverse(
                "workspaces:project_settings",
                args=[request.actor.workspace.slug, outcome.value.key],  # type: ignore[attr-defined]
            )
            return done(request, response, _("Changed."), outcome)
    # What was typed belongs to the version it was typed over, however often the form comes back.
    context = {**frame(request, project), "form": form, "version": request.POST.get("version", "")}
    return render(request, "workspaces/project_settings.html", context, status=422)


def _run(request: HttpRequest, project: Project, action: Action[Project], said: str = "") -> HttpResponse:
    """Run it, and answer with the row of the list (``?on=row``), the settings' last part or the head of the page."""
    outcome = action.run(_actor(request), {}, target=project)
    template = {"row": "workspaces/_project_row.html", "end": "workspaces/_project_end.html"}.get(
        request.GET.get("on", ""), "workspaces/_project_head.html"
    )
    response = render(request, template, _fresh(request, project))
    return done(request, response, said % {"name": project.name}, outcome) if said else response


@in_workspace("workspaces.project.view")
@in_project
@require_POST
def pin(request: HttpRequest, project: Project) -> HttpResponse:
    """Keep it in one's sidebar. The star and the sidebar say so, no message."""
    return _run(request, project, member_actions.pin_project)


@in_workspace("workspaces.project.view")
@in_project
@require_POST
def unpin(request: HttpRequest, project: Project) -> HttpResponse:
    """Let it go from one's sidebar."""
    return _run(request, project, member_actions.unpin_project)


@in_workspace("workspaces.project.view")
@in_project
@require_POST
def archive(request: HttpRequest, project: Project) -> HttpResponse:
    """Put it away."""
    return _run(request, project, actions.archive_project, _("%(name)s is archived."))


@in_workspace("workspaces.project.view")
@in_project
@require_POST
def unarchive(request: HttpRequest, project: Project) -> HttpResponse:
    """Take it up again."""
    return _run(request, project, actions.unarchive_project, _("%(name)s is active again."))


@in_workspace("workspaces.project.view")
@in_project
@require_POST
def delete(request: HttpRequest, project: Project) -> HttpResponse:
    """Take it away."""
    outcome = actions.delete_project.run(_actor(request), {}, target=project)
    response = render(request, "workspaces/_project_deleted.html")
    return done(request, response, _("%(name)s was deleted.") % {"name": project.name}, outcome)


@in_workspace("workspaces.project.view")
@in_project
@require_POST
def join(request: HttpRequest, project: Project) -> HttpResponse:
    """Become a member of it."""
    return _run(request, project, member_actions.join_project, _("You joined %(name)s."))


@in_workspace("workspaces.project.view")
@in_project
@require_POST
def leave(request: HttpRequest, project: Project) -> HttpResponse:
    """Go out of it. Whoever does not see it any more then is told so, on a page of its own."""
    actor = _actor(request)
    outcome = member_actions.leave_project.run(actor, {}, target=project)
    said = _("You left %(name)s.") % {"name": project.name}
    if query.visible(actor).filter(pk=project.pk).exists():
        return done(
            request, render(request, "workspaces/_project_head.html", _fresh(request, project)), said, outcome
        )
    response = HttpResponse(status=204)
    response.headers["HX-Redirect"] = reverse("workspaces:projects", args=[actor.workspace.slug])  # type: ignore[union-attr]
    return toast(response, said)
