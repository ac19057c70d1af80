"""Which browsers are told of a member's news."""

from __future__ import annotations

import hashlib
from urllib.parse import urlsplit

from django.conf import settings
from django.utils.translation import gettext as _
from pydantic import BaseModel, ConfigDict, Field

from tongpin.kernel.actions.registry import Empty, action
from tongpin.kernel.errors import Denied, Invalid
from tongpin.kernel.events.recording import emit
from tongpin.kernel.push import wire
from tongpin.kernel.tenancy.actor import Actor
from tongpin.modules.notifications.events import BrowserAdded, BrowserRemoved
from tongpin.modules.notifications.models import Browser
from tongpin.modules.notifications.permissions import PREFER

MOST = 10  # browsers of one member


class AddBrowser(BaseModel):
    """What ``PushManager.subscribe`` gave, and the session of the request."""

    model_config = ConfigDict(extra="forbid")

    endpoint: str = Field(max_length=1000)
    p256dh: str = Field(max_length=100)
    auth: str = Field(max_length=30)
    user_agent: str = ""
    session_key: str = Field(min_length=1, max_length=40)


@action("notifications.browser.add", permission=PREFER.name, api=False)
def add_browser(actor: Actor, data: AddBrowser) -> Browser:
    """Tell this browser of one's news. The same one again renews its keys; another person's it is no longer."""
    if actor.membership is None or actor.user is None:
        raise Denied
    _check(data)
    mark = hashlib.sha256(data.endpoint.encode()).hexdigest()
    # Whoever was signed in at this browser before: what is theirs must not be shown to whoever sits there now.
    Browser.objects.filter(mark=mark).exclude(member__user=actor.user).delete()
    row: Browser
    row, made = Browser.objects.update_or_create(
        workspace=actor.workspace,
        member=actor.membership,
        mark=mark,
        defaults={**data.model_dump(), "user_agent": data.user_agent[:300]},
    )
    if made:
        emit(BrowserAdded(), row)
        own = Browser.objects.visible_to(actor).order_by("-added_at", "-pk")
        Browser.objects.filter(pk__in=own.values_list("pk", flat=True)[MOST:]).delete()
    return row


def _check(data: AddBrowser) -> None:
    """Raise Invalid for what no browser gave."""
    wrong = Invalid(_("This is no address of a push service."), field="endpoint")
    try:
        parts = urlsplit(data.endpoint)
        wire.check(data.p256dh, data.auth)
    except ValueError:
        raise wrong from None
    own = (parts.hostname or "") in settings.PUSH_HOSTS
    if (
        not parts.hostname
        or "@" in parts.netloc
        or parts.scheme not in ({"https", "http"} if own else {"https"})
    ):
        raise wrong


@action("notifications.browser.remove", permission=PREFER.name, target=Browser, api=False)
def remove_browser(actor: Actor, row: Browser, data: Empty) -> None:
    """Tell this browser nothing any more."""
    emit(BrowserRemoved(), row)
    Browser.objects.filter(pk=row.pk).delete()
