"""The sidebar, the phone bar and the palette's commands: modules register, the shell shows them.

navigation.register(NavItem("goals.bets", group="direction", label=_("Bets"), icon="flask-conical",
                            url_name="goals:bets", order=30, shortcut="g b"))
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

from django.urls import reverse
from django.utils.http import urlencode
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
#: The ＋ menu, below the workspaces, the user menu, settings tabs (one's own, the workspace's), the server, and what
#: only the palette offers.
MENUS = ("new", "switcher", "person", "settings", "workspace", "server", "do")


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
    with the refreshed row (else the page itself is asked). ``args`` follow the slug in its address; with
    a ``hue`` its icon is a coloured mark. ``beside`` puts a row of the ＋ menu also beside the heading of that group.
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
    args: tuple[str, ...] = ()
    hue: int = 0
    beside: str = ""


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
    """A heading with its rows; ``create`` is the ＋ beside it. ``live`` is what its rows listen to together."""

    key: str
    title: Text
    links: list[NavLink]
    create: NavLink | None = None
    live: str = ""
    live_url: str = ""


@dataclass(frozen=True, slots=True)
class Supply:
    """Rows of a group that differ from person to person, and what their list changes with."""

    rows: Callable[[Actor], list[NavItem]]
    live: str = ""
    live_name: str = ""


_items: dict[str, NavItem] = {}
_supplies: dict[str, Supply] = {}


def register(item: NavItem) -> None:
    """Add a row; the same key again replaces it. Called from ``apps.ready()``."""
    if item.group not in GROUPS and item.group not in MENUS:
        raise ValueError(f"{item.key}: no navigation group {item.group!r}")
    _items[item.key] = item


def supply(
    group: str, rows: Callable[[Actor], list[NavItem]], *, live: str = "", live_name: str = ""
) -> None:
    """Add ``rows(actor)`` below the group's own. ``live_name`` is the url name of a fragment with the group anew,
    asked with ``?at=`` the page's path whenever something of ``live`` (object keys) changes.
    """
    _supplies[group] = Supply(rows, live, live_name)


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
    supplied = [
        row for key in _supplies if key in groups and actor.workspace for row in _supplies[key].rows(actor)
    ]
    for item in [*items(), *supplied]:
        if item.group not in groups or (item.needs_workspace and actor.workspace is None):
            continue
        if not item.visible(actor):
            continue
        args = [actor.workspace.slug] if item.needs_workspace and actor.workspace else []
        url = reverse(item.url_name, args=[*args, *item.args])
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


def grouped(rows: Iterable[NavLink], actor: Actor | None, path: str) -> list[NavGroup]:
    """Sidebar groups with their rows, as the page at ``path`` shows them; an empty group is left out."""
    rows = list(rows)
    found = []
    for key, title in GROUPS.items():
        mine = [row for row in rows if row.item.group == key]
        if mine:
            create = next((row for row in rows if row.item.beside == key), None)
            found.append(NavGroup(key, title, mine, create, *_fresh(key, actor, path)))
    return found


def _fresh(key: str, actor: Actor | None, path: str) -> tuple[str, str]:
    """What a supplied group listens to, and where it is asked for anew."""
    supplied = _supplies.get(key)
    if supplied is None or not supplied.live_name or actor is None or actor.workspace is None:
        return "", ""
    url = reverse(supplied.live_name, args=[actor.workspace.slug])
    return supplied.live, f"{url}?{urlencode({'at': path})}"


def _within(path: str, url: str) -> bool:
    return url.endswith("/") and path.startswith(url)
