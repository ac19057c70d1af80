"""Projects and departments as the rest of the program knows them: cards, search, navigation, tabs."""

from __future__ import annotations

from typing import Any

from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from tongpin.kernel import authz, objects
from tongpin.kernel.objects import Card, SearchText
from tongpin.kernel.realtime import audience
from tongpin.kernel.tenancy import models as tenancy
from tongpin.kernel.tenancy.actor import Actor
from tongpin.modules.workspaces.enums import ProjectKind
from tongpin.modules.workspaces.models import Department, Project, ProjectMember, ProjectPin
from tongpin.modules.workspaces.queries import project as query
from tongpin.ui import navigation, tabs
from tongpin.ui.navigation import NavItem
from tongpin.ui.tabs import Tab


def card(row: Project) -> Card:
    """A project's card; ``workspace`` is joined."""
    return Card(
        type=Project._meta.label_lower,
        id=row.public_id,
        title=row.name,
        url=reverse("workspaces:project", args=[row.workspace.slug, row.key]),
        icon=row.icon,
        state=_("Archived") if row.archived_at else _("Private") if row.is_private else "",
        hint=f"{row.key} · {ProjectKind(row.kind).label}",
    )


def search(row: Project) -> SearchText:
    """Found by name, pinyin, key and purpose."""
    return SearchText(title=row.name, body=f"{row.key}\n{row.purpose}", pinyin=row.pinyin)


def department_card(row: Department) -> Card:
    """A department's card; ``workspace`` and ``parent`` are joined."""
    return Card(
        type=Department._meta.label_lower,
        id=row.public_id,
        title=row.name,
        url=reverse("workspaces:department", args=[row.workspace.slug, row.public_id]),
        icon="network",
        hint=row.parent.name if row.parent else "",
    )


def department_search(row: Department) -> SearchText:
    """Found by name and pinyin."""
    return SearchText(title=row.name, pinyin=row.pinyin)


def _rows(actor: Actor) -> list[NavItem]:
    """The sidebar's projects."""
    return [
        NavItem(
            f"workspaces.project.{row.public_id}",
            "projects",
            row.name,
            icon=row.icon,
            hue=row.hue,
            url_name="workspaces:project",
            args=(row.key,),
        )
        for row in query.in_sidebar(actor)
    ]


def _known_through_projects(actor: Actor) -> Q:
    mine = ProjectMember.objects.filter(membership=actor.membership, project__deleted_at=None)
    return Q(pk__in=ProjectMember.objects.filter(project__in=mine.values("project")).values("membership"))


def _page(name: str) -> Any:
    return lambda row: reverse(name, args=[row.workspace.slug, row.key])


def register() -> None:
    """Called once, from ``ready()``."""
    objects.register(
        Project,
        label=_("Project"),
        plural=_("Projects"),
        icon="folder",
        card=card,
        search=search,
        related=("workspace",),
        private=True,
        handle="key",
    )
    objects.register(
        Department,
        label=_("Department"),
        plural=_("Departments"),
        icon="network",
        card=department_card,
        search=department_search,
        related=("workspace", "parent"),
    )
    tenancy.circles.append(_known_through_projects)
    audience.personal(ProjectPin._meta.label_lower, query.pin_owners)
    kind = Project._meta.label_lower
    tabs.register(kind, Tab("overview", _("Overview"), _page("workspaces:project"), order=10))
    tabs.register(kind, Tab("activity", _("Activity"), _page("workspaces:project_activity"), order=75))
    tabs.register(kind, Tab("members", _("Members"), _page("workspaces:project_members"), order=80))
    tabs.register(
        kind,
        Tab(
            "settings", _("Settings"), _page("workspaces:project_settings"), order=90,
            visible=lambda actor, row: authz.can(actor, "workspaces.project.edit", row),
        ),
    )  # fmt: skip
    navigation.register(
        NavItem(
            "workspaces.projects", "projects", _("All projects"), icon="layout-grid", url_name="workspaces:projects",
            order=10, shortcut="g p", words=(_("projects"), _("product lines"), _("task forces")), on_phone=True,
        )
    )  # fmt: skip
    navigation.register(
        NavItem(
            "workspaces.project.new", "new", _("New project"), icon="folder-plus", url_name="workspaces:project_new",
            order=60, visible=lambda actor: authz.can(actor, "workspaces.project.create"), beside="projects",
        )
    )  # fmt: skip
    navigation.register(
        NavItem(
            "workspaces.departments", "more", _("Departments"), icon="network", url_name="workspaces:departments",
            order=61, shortcut="g d", visible=lambda actor: authz.can(actor, "workspaces.department.view"),
            words=(_("organisation"), _("org chart"), _("teams")),
        )
    )  # fmt: skip
    navigation.supply(
        "projects",
        _rows,
        live=f"{kind} {ProjectPin._meta.label_lower}",
        live_name="workspaces:projects_in_sidebar",
    )
