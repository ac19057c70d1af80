"""People and workspaces: avatars and names."""

from __future__ import annotations

import zlib
from collections.abc import Iterable
from typing import Any

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from tongpin.ui import pictures
from tongpin.ui.tags.drawing import draw
from tongpin.ui.tags.library import HUES, register


def _hue(key: str) -> str:
    return f"hue-{zlib.crc32(key.encode()) % HUES + 1}"


def initials(name: str, *, short: bool = False) -> str:
    """The two signs that stand for a name, or the one: 沈一诺 is 一诺 or 诺, Daniel Tan is DT or D."""
    name = name.strip()
    if any("一" <= sign <= "鿿" for sign in name):
        chinese = "".join(sign for sign in name if "一" <= sign <= "鿿")
        return chinese[-1:] if short else chinese[-2:]
    words = name.replace("@", " ").replace(".", " ").split()
    return "".join(word[0] for word in words[: 1 if short else 2]).upper() or "?"


def emblem(name: str) -> str:
    """The one sign that stands for a workspace: 新团队 is 新, acme is A."""
    return next((sign for sign in name if sign.isalnum()), name.strip()[:1] or "?").upper()


@register.simple_tag
def avatar(
    who: Any, size: str = "", *, square: bool = False, label: bool = False, short: bool = False
) -> SafeString:
    """Picture or initials of a member or workspace. ``size`` sm, lg, xl. Decoration without ``label``.

    ``short`` has one sign, which still reads where another picture covers its edge.
    """
    person = getattr(who, "user", None) or who
    name = _called(person) if person else "?"
    key = str(getattr(person, "public_id", "") or name)
    picture = picture_url(person)
    inner = (
        format_html('<img src="{}" alt="">', picture)
        if picture
        else draw("key-round")
        if getattr(person, "is_token", False)
        else format_html("{}", emblem(name) if square else initials(name, short=short))
    )
    css = " ".join(
        filter(
            None,
            [
                _hue(key),
                f"avatar-{size}" if size else "",
                "square" if square else "",
                "is-off" if getattr(who, "deactivated_at", None) else "",
            ],
        )
    )
    says = (
        format_html('role="img" aria-label="{}" title="{}"', name, name)
        if label
        else SafeString('aria-hidden="true"')
    )
    return format_html('<span class="avatar {}" {}>{}</span>', css, says, inner)


@register.simple_tag
def avatars(people: Iterable[Any], size: str = "") -> SafeString:
    """People standing close together, each with one sign."""
    faces = ((avatar(who, size, label=True, short=True),) for who in people)
    return format_html('<span class="avatars">{}</span>', format_html_join("", "{}", faces))


def picture_url(person: Any) -> str:
    """Where the picture of a person or the logo of a workspace is served; "" if there is none."""
    return pictures.url_of(getattr(person, "avatar", None) or getattr(person, "logo", None))


@register.simple_tag
def mark(what: Any, size: str = "") -> SafeString:
    """The coloured square of something with an ``icon`` and a ``hue``, such as a project. Decoration."""
    css = f"hue-{what.hue}" + (f" mark-{size}" if size else "")
    return format_html('<span class="mark {}" aria-hidden="true">{}</span>', css, draw(what.icon))


@register.simple_tag
def person(who: Any, size: str = "sm") -> SafeString:
    """Avatar and name."""
    user = getattr(who, "user", None) or who
    return format_html(
        '<span class="person">{}<span class="truncate">{}</span></span>',
        avatar(who, size),
        _called(user),
    )


def _called(person: Any) -> str:
    """The name people read: a workspace token says that it is one."""
    if getattr(person, "is_token", False):
        return str(person.get_short_name())
    return getattr(person, "name", "") or getattr(person, "email", "") or str(person)


@register.simple_tag
def home_of(workspace: Any) -> str:
    """Address of a workspace's first page."""
    return f"/w/{workspace.slug}/"
