"""What every page template knows beyond its view: theme, language, navigation, workspaces.

All of it is computed when asked for, so a fragment pays nothing.
"""

from __future__ import annotations

from functools import cached_property
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import get_language

from tongpin.kernel import clock
from tongpin.kernel.tenancy.actor import Actor
from tongpin.kernel.tenancy.enums import Density, Theme
from tongpin.kernel.tenancy.models import Membership, User, Workspace
from tongpin.ui import commands, manifest, navigation

THEME_COOKIE = "tongpin_theme"
DENSITY_COOKIE = "tongpin_density"


class Page:
    """The variable ``ui`` of every template."""

    def __init__(self, request: HttpRequest) -> None:
        self._request = request

    @cached_property
    def actor(self) -> Actor | None:
        """The actor the access decorator set; on a public page the signed-in person; None for a visitor."""
        actor: Actor | None = getattr(self._request, "actor", None)
        if actor is None and self.user is not None:
            actor = Actor.of(self.user)
        return actor

    @cached_property
    def user(self) -> User | None:
        user = getattr(self._request, "user", None)
        return user if isinstance(user, User) or (user and user.is_authenticated) else None

    @cached_property
    def workspace(self) -> Workspace | None:
        return self.actor.workspace if self.actor else None

    @cached_property
    def theme(self) -> str:
        return _one_of(
            Theme.values,
            self.user.theme if self.user else self._request.COOKIES.get(THEME_COOKIE),
            Theme.SYSTEM,
        )

    @cached_property
    def density(self) -> str:
        kept = self.user.density if self.user else self._request.COOKIES.get(DENSITY_COOKIE)
        return _one_of(Density.values, kept, Density.COMFORTABLE)

    @property
    def week_start(self) -> int:
        """The first day of the workspace's week, counted from Sunday as browsers do; Monday where there is none."""
        return (self.workspace.week_start + 1) % 7 if self.workspace else 1

    @property
    def lang(self) -> str:
        """The language tag for the document."""
        language, _, script = (get_language() or "en").partition("-")
        return f"{language}-{script.capitalize()}" if script else language

    @property
    def languages(self) -> list[tuple[str, str]]:
        """Code and own name of each language, for the switch on signed-out pages."""
        names = {"en": "English", "zh-hans": "简体中文"}
        return [(code, names.get(code, str(name))) for code, name in settings.LANGUAGES]

    @property
    def language(self) -> str:
        return get_language() or "en"

    @property
    def catalogue(self) -> str:
        """Where islands get their strings; empty in English, which is what the source says."""
        if self.language == "en":
            return ""
        return f"{reverse('ui:catalogue', args=[self.language])}?v={manifest.version()}"

    @cached_property
    def workspaces(self) -> list[Workspace]:
        """The person's workspaces, for the switcher."""
        if self.user is None:
            return []
        return [row.workspace for row in Membership.objects.places_of(self.user)]

    @cached_property
    def _links(self) -> list[navigation.NavLink]:
        if self.actor is None:
            return []
        return navigation.links(self.actor, self._request.path, [*navigation.GROUPS, *navigation.MENUS])

    @property
    def groups(self) -> list[navigation.NavGroup]:
        """The sidebar."""
        return navigation.grouped(self._links, self.actor, self._request.path)

    def _menu(self, key: str) -> list[navigation.NavLink]:
        return [link for link in self._links if link.item.group == key]

    @property
    def create(self) -> list[navigation.NavLink]:
        """What ＋ New offers."""
        return self._menu("new")

    @property
    def person_menu(self) -> list[navigation.NavLink]:
        return [*self._menu("person"), *self._menu("server")]

    @property
    def switcher_menu(self) -> list[navigation.NavLink]:
        """What stands below the workspaces in the switcher."""
        return self._menu("switcher")

    @cached_property
    def phone(self) -> list[navigation.NavLink]:
        """At most three rows of the phone's bottom bar; ＋ and More stand beside them."""
        return [link for link in self._links if link.item.on_phone][:3]

    @property
    def rest(self) -> list[navigation.NavGroup]:
        """The sidebar's rows that are not in the phone's bottom bar."""
        rows = [link for link in self._links if link not in self.phone]
        return navigation.grouped(rows, self.actor, self._request.path)

    @property
    def shortcuts(self) -> list[dict[str, Any]]:
        """Typed keys and where they lead, for the islands and the sheet behind "?"."""
        return [
            {"keys": k.item.shortcut, "url": k.url, "label": str(k.item.label)}
            for k in self._links
            if k.item.shortcut
        ]

    @property
    def commands(self) -> list[dict[str, Any]]:
        """What the palette shows before anything is typed: where to go, what to begin, what to do."""
        rows = [
            {
                "id": k.item.key,
                "kind": navigation.kind_of(k.item),
                "title": str(k.item.label),
                "icon": k.item.icon,
                "url": k.url,
                "keys": k.item.shortcut,
                **commands.findable(k.item.label, k.item.words),
            }
            for k in self._links
        ]
        if self.user is None:
            return rows
        return [*rows, *commands.offered(self.theme, self.language, self._request.get_full_path())]

    @property
    def palette_url(self) -> str:
        """Answers the palette's ``?q=``; empty outside a workspace."""
        return f"/w/{self.workspace.slug}/palette" if self.workspace else ""

    @property
    def rendered_at(self) -> str:
        """Now, in Unix seconds: what changes from here on, the live stream tells."""
        return f"{clock.now().timestamp():.3f}"

    @property
    def home(self) -> str:
        return f"/w/{self.workspace.slug}/" if self.workspace else "/"


def page(request: HttpRequest) -> dict[str, Any]:
    """Context processor."""
    return {"ui": Page(request), "actor": getattr(request, "actor", None)}


def _one_of(allowed: list[str], value: str | None, otherwise: str) -> str:
    return value if value in allowed else str(otherwise)
