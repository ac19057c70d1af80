"""The sidebar, the phone bar and the palette's commands: modules register, the shell shows them.

navigation.register(NavItem("goals.bets", group="direction", label=_("Bets"), icon="flask-conical",
                            url_name="goals:bets", order=30, shortcut="g b"))
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from tongpin.kernel.errors import Text
from tongpin.kernel.tenancy.actor import Actor

# The rows of the design, so that the sprite has them before their module does.
# icons: house inbox target chart-line flask-conical message-square-text clipboard-list building-2
# icons: chart-column megaphone book-open file-text folder bell settings circle-help users user building
# icons: key-round shield activity history mail link star pin list kanban calendar globe plug server
# icons: send clock search upload download

#: Groups in the order of the sidebar.
GROUPS: dict[str, Text] = {
    "top": "",
    "direction": _("Direction"),
    "listen": _("Listen"),
    "data": _("Data"),
    "promote": _("Promote"),
    "learn": _("Learn"),
    "projects": _("Projects"),
    "more": _("More"),
}
#: The ＋ menu, below the workspaces, the user menu, settings tabs, the server, and what only the palette offers.
MENUS = ("new", "switcher", "person", "settings", "server", "do")


def _everyone(actor: Actor) -> bool:
    return True


def _none(actor: Actor) -> int:
    return 0


@dataclass(frozen=True, slots=True)
class NavItem:
    """One row of the navigation.

    ``shortcut`` is typed keys apart by spaces ("g b"); ``words`` are other names the palette finds it by.
    ``badge`` gives the number beside it (0 shows none). ``needs_workspace``: its page is under ``/w/<slug>/``.
    ``live`` is what the badge listens to: an object key, or "type:id"; ``live_name`` the url name of a fragment
    with the refreshed row (else the page itself is asked).
    """

    key: str
    group: str
    label: Text
    icon: str
    url_name: str
    order: int = 50
    shortcut: str = ""
    visible: Callable[[Actor], bool] = _everyone
    badge: Callable[[Actor], int] = _none
    words: tuple[Text, ...] = ()
    needs_workspace: bool = True
    on_phone: bool = False
    live: str = ""
    live_name: str = ""
    query: str = ""


@dataclass(frozen=True, slots=True)
class NavLink:
    """A navigation row as one page shows it."""

    item: NavItem
    url: str
    current: bool
    count: int
    live_url: str = ""

    @property
    def keys(self) -> list[str]:
        """The keys of its shortcut as printed on them."""
        return [key.upper() if len(key) == 1 else key for key in self.item.shortcut.split()]


@dataclass(frozen=True, slots=True)
class NavGroup:
    key: str
    title: Text
    links: list[NavLink]


_items: dict[str, NavItem] = {}


def register(item: NavItem) -> None:
    """Add a row; the same key again replaces it. Called from ``apps.ready()``."""
    if item.group not in GROUPS and item.group not in MENUS:
        raise ValueError(f"{item.key}: no navigation group {item.group!r}")
    _items[item.key] = item


def unregister(key: str) -> None:
    """Take a row away."""
    _items.pop(key, None)


def items() -> list[NavItem]:
    """Every registered row, in the order of the sidebar."""
    order = [*GROUPS, *MENUS]
    return sorted(_items.values(), key=lambda i: (order.index(i.group), i.order, i.key))


def kind_of(item: NavItem) -> str:
    """How the palette lists a row: it begins something (new), does something (do) or leads somewhere (go)."""
    return item.group if item.group in ("new", "do") else "go"


def links(actor: Actor, path: str, groups: Iterable[str]) -> list[NavLink]:
    """The rows of ``groups`` this actor has; ``path`` decides which is current (the longest that fits)."""
    found = []
    for item in items():
        if item.group not in groups or (item.needs_workspace and actor.workspace is None):
            continue
        if not item.visible(actor):
            continue
        args = [actor.workspace.slug] if item.needs_workspace and actor.workspace else []
        url = reverse(item.url_name, args=args)
        live_url = reverse(item.live_name, args=args) if item.live_name else ""
        found.append(NavLink(item, url + item.query, False, item.badge(actor), live_url))
    home = (
        f"/w/{actor.workspace.slug}/" if actor.workspace else ""
    )  # every address is within; Home is none of them
    here = max(
        (
            k
            for k in found
            if not k.item.query and (path == k.url or (k.url != home and _within(path, k.url)))
        ),
        key=lambda k: len(k.url),
        default=None,
    )
    return [replace(link, current=link is here) for link in found]


def grouped(rows: Iterable[NavLink]) -> list[NavGroup]:
    """Sidebar groups with their rows; an empty group is left out."""
    rows = list(rows)
    groups = (NavGroup(k, title, [r for r in rows if r.item.group == k]) for k, title in GROUPS.items())
    return [group for group in groups if group.links]


def _within(path: str, url: str) -> bool:
    return url.endswith("/") and path.startswith(url)
