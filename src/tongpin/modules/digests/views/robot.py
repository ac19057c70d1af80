"""Robots of a project, one robot, and all of the workspace's: parse, run an action, render."""

from __future__ import annotations

import uuid
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from tongpin.kernel import authz
from tongpin.kernel.actions.registry import Action
from tongpin.kernel.errors import DomainError, Invalid
from tongpin.kernel.tenancy.actor import Actor
from tongpin.modules.digests import sending
from tongpin.modules.digests.actions import message as message_actions
from tongpin.modules.digests.actions import robot as actions
from tongpin.modules.digests.enums import MessageState, Why
from tongpin.modules.digests.forms import AddressForm, NewRobotForm, SettingsForm
from tongpin.modules.digests.models import Robot
from tongpin.modules.digests.permissions import OVERSEE, VIEW
from tongpin.modules.digests.queries import robot as queries
from tongpin.modules.workspaces.public import Project, frame, in_project
from tongpin.ui.access import in_workspace
from tongpin.ui.answers import done, toast
from tongpin.ui.forms import refuse


def _actor(request: HttpRequest, project: Project) -> Actor:
    """Whoever may set the project up. Raises Denied."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    authz.require(actor, "workspaces.project.edit", project)
    return actor


def _list(request: HttpRequest, project: Project, form: NewRobotForm, status: int = 200) -> HttpResponse:
    context = {
        **frame(request, project),
        "form": form,
        "robots": queries.of_project(_actor(request, project), project),
    }
    context["tabs"] = _current(context["tabs"], request, project)
    return render(request, "digests/robots.html", context, status=status)


def _current(tabs: list[Any], request: HttpRequest, project: Project) -> list[Any]:
    """A robot's page lies below its tab."""
    here = reverse("digests:robots", args=[request.actor.workspace.slug, project.key])  # type: ignore[attr-defined]
    return [type(tab)(tab.label, tab.url, tab.url == here) for tab in tabs]


@in_workspace(VIEW.name)
@in_project
@never_cache
@require_http_methods(["GET", "POST"])
def robots(request: HttpRequest, project: Project) -> HttpResponse:
    """The groups a project's news goes to, and a form for one more."""
    actor = _actor(request, project)
    fresh = {"language": project.workspace.language, "topics": []}
    if request.method == "GET":
        return _list(request, project, NewRobotForm(initial=fresh))
    form = NewRobotForm(request.POST)
    if not form.is_valid():
        return _list(request, project, form, 422)
    try:
        outcome = actions.create_robot.run(actor, {**form.cleaned_data, "project": project.public_id})
    except Invalid as error:
        refuse(form, error)
        return _list(request, project, form, 422)
    response = _anew(project, outcome.value)
    return done(request, response, _("The robot is ready. Try it out."), outcome)


def _anew(project: Project, row: Robot) -> HttpResponse:
    """Have the browser load the robot's page: a morphed one would keep the secrets just typed in its fields."""
    response = HttpResponse(status=204)
    response.headers["HX-Redirect"] = reverse(
        "digests:robot", args=[project.workspace.slug, project.key, row.public_id]
    )
    return response


def _page(
    request: HttpRequest,
    project: Project,
    robot: uuid.UUID,
    form: SettingsForm | None = None,
    address: AddressForm | None = None,
) -> HttpResponse:
    actor = _actor(request, project)
    row = queries.robot(actor, project, robot)
    context = {
        **frame(request, project),
        "robot": row,
        "form": form or SettingsForm.of(row),
        "address": address or AddressForm(),
        "owner_lost": queries.lost_right(row) is not None,
        "by_person": row.paused_why == Why.PERSON,
        "page": queries.messages(actor, row, request.GET.get("cursor", "")),
    }
    context["tabs"] = _current(context["tabs"], request, project)
    return render(request, "digests/robot.html", context, status=422 if form or address else 200)


@in_workspace(VIEW.name)
@in_project
@never_cache
@require_http_methods(["GET", "POST"])
def robot(request: HttpRequest, project: Project, robot: uuid.UUID) -> HttpResponse:
    """One robot: its state, its settings, what it sent."""
    actor = _actor(request, project)
    if request.method == "GET":
        return _page(request, project, robot)
    form = SettingsForm.of(queries.robot(actor, project, robot), request.POST)
    if not form.is_valid():
        return _page(request, project, robot, form=form)
    try:
        outcome = actions.edit_robot.run(actor, form.changes(), target=robot)
    except Invalid as error:
        refuse(form, error)
        return _page(request, project, robot, form=form)
    return done(request, _page(request, project, robot), _("Changed."), outcome)


@in_workspace(VIEW.name)
@in_project
@require_POST
def connect(request: HttpRequest, project: Project, robot: uuid.UUID) -> HttpResponse:
    """Another address or signing secret."""
    form = AddressForm(request.POST)
    if not form.is_valid():
        return _page(request, project, robot, address=form)
    try:
        outcome = actions.connect_robot.run(_actor(request, project), form.cleaned_data, target=robot)
    except Invalid as error:
        refuse(form, error)
        return _page(request, project, robot, address=form)
    return done(request, _anew(project, outcome.value), _("The address is changed. Try it out."), outcome)


@in_workspace(VIEW.name)
@in_project
@require_POST
def test(request: HttpRequest, project: Project, robot: uuid.UUID) -> HttpResponse:
    """Send a message now, and say what the group answered."""
    actor = _actor(request, project)
    made = message_actions.try_robot.run(actor, {}, target=robot).value
    row = queries.robot(actor, project, robot)
    sending.run_for(row)
    made = queries.message(actor, row, made.public_id)
    response = _page(request, project, robot)
    if made.state == MessageState.SENT:
        return toast(response, _("Sent. Look into the group."))
    if made.state == MessageState.FAILED:
        return toast(response, str(Why(made.why).label), hint=made.answer, kind="error")
    return toast(
        response, _("It is on its way: the group takes no more messages at this moment."), kind="info"
    )


def _run(
    request: HttpRequest, project: Project, robot: uuid.UUID, action: Action[Robot], said: str
) -> HttpResponse:
    actor = _actor(request, project)
    try:
        outcome = action.run(actor, {}, target=robot)
    except DomainError as error:
        if error.status != 409:
            raise
        return toast(_page(request, project, robot), str(error.message), hint=str(error.hint), kind="error")
    return done(request, _page(request, project, robot), said, outcome)


@in_workspace(VIEW.name)
@in_project
@require_POST
def pause(request: HttpRequest, project: Project, robot: uuid.UUID) -> HttpResponse:
    """Stop sending."""
    return _run(request, project, robot, actions.pause_robot, _("Paused."))


@in_workspace(VIEW.name)
@in_project
@require_POST
def resume(request: HttpRequest, project: Project, robot: uuid.UUID) -> HttpResponse:
    """Send again."""
    return _run(request, project, robot, actions.resume_robot, _("It sends again."))


@in_workspace(VIEW.name)
@in_project
@require_POST
def take_over(request: HttpRequest, project: Project, robot: uuid.UUID) -> HttpResponse:
    """Have it act for oneself."""
    return _run(request, project, robot, actions.take_over_robot, _("The robot acts for you now."))


@in_workspace(VIEW.name)
@in_project
@require_POST
def delete(request: HttpRequest, project: Project, robot: uuid.UUID) -> HttpResponse:
    """Take it away; the answer is the list."""
    outcome = actions.delete_robot.run(_actor(request, project), {}, target=robot)
    response = _list(request, project, NewRobotForm(initial={"language": project.workspace.language}))
    response.headers["HX-Push-Url"] = reverse("digests:robots", args=[project.workspace.slug, project.key])
    name = outcome.value.name
    return done(request, response, _("%(name)s was deleted.") % {"name": name}, outcome)


@in_workspace(VIEW.name)
@in_project
@require_POST
def retry(request: HttpRequest, project: Project, robot: uuid.UUID, message: uuid.UUID) -> HttpResponse:
    """Send a message again that did not arrive."""
    actor = _actor(request, project)
    row = queries.message(actor, queries.robot(actor, project, robot), message)
    try:
        message_actions.retry_message.run(actor, {}, target=row)
    except DomainError as error:
        if error.status != 409:
            raise
        return toast(_page(request, project, robot), str(error.message), hint=str(error.hint), kind="error")
    return toast(_page(request, project, robot), _("It is sent again."))


@in_workspace(OVERSEE.name)
@require_safe
def everywhere(request: HttpRequest) -> HttpResponse:
    """All robots of the workspace, for its owners and admins."""
    page = queries.everywhere(request.actor, request.GET.get("cursor", ""))  # type: ignore[attr-defined]
    return render(request, "digests/everywhere.html", {"page": page})
