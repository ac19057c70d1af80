"""The panel “Discussion” on the page of an object, and the same as an answer to what is done in it."""

from __future__ import annotations

import re
import uuid
from typing import Any

from django.http import HttpRequest
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.safestring import SafeString

from tongpin.kernel import authz
from tongpin.kernel.tenancy.actor import Actor
from tongpin.lib.ids import parse_id
from tongpin.modules.discussions import queries

#: Offered at once; any other emoji can be typed.
EMOJI = ("👍", "❤️", "🎉", "😄", "👀", "✅")


def render(request: HttpRequest, row: Any) -> SafeString | str:
    """The panel, as far as this reader may read: ``?show=`` threads, the newest or those around ``?at=``."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    if not authz.can(actor, "discussions.comment.view"):
        return ""
    return render_to_string("discussions/on_page.html", context(request, row), request)


def context(request: HttpRequest, row: Any) -> dict[str, Any]:
    """What ``discussions/panel.html`` shows."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    talk = queries.talk(actor, row, _show(request), _at(request))
    slug = actor.workspace.slug if actor.workspace else ""
    base = reverse("discussions:panel", args=[slug, talk.about_type, talk.about_id])
    around = f"&at={talk.at}" if talk.at else ""
    return {
        "talk": talk,
        "emoji": EMOJI,
        "base": base,
        "earlier_url": f"{base}?show={talk.more}{around}",
        "live_url": f"{base}?show={talk.show}{around}",
        "comments_url": reverse("discussions:comment", args=[slug, talk.ident]).removesuffix(
            f"{talk.ident}/"
        ),
        "may_write": authz.can(actor, "discussions.comment.write"),
        "may_nudge": authz.can(actor, "discussions.object.nudge"),
        "once": uuid.uuid4(),
    }


def _at(request: HttpRequest) -> uuid.UUID | None:
    return parse_id(request.POST.get("at") or request.GET.get("at") or "")


def _show(request: HttpRequest) -> int:
    """How many threads are wanted. What is posted tells of the page it was posted from."""
    asked = request.POST.get("show") or request.GET.get("show") or ""
    return int(asked) if re.fullmatch(r"[0-9]{1,5}", asked) else queries.THREADS
