"""Noting which browsers a person is signed in with, at most once a minute each, and ending what lasted too long."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from datetime import datetime, timedelta

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from tongpin.kernel import clock
from tongpin.modules.workspaces import session_length
from tongpin.modules.workspaces.actions.session import expire, note_browser

#: Sent with what a page fetches by itself, which is no sign that somebody is there.
REFRESH = "Tongpin-Refresh"
EVERY = timedelta(minutes=1)
REMEMBERED = 10_000


class NoteBrowser:
    """Middleware in place of allauth's, which writes a row on every request.

    Each web process remembers when it last noted a session; a session is noted by every process it meets, at most
    once a minute.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response
        self._noted: OrderedDict[str, datetime] = OrderedDict()

    def __call__(self, request: HttpRequest) -> HttpResponse:
        key = request.session.session_key
        if key and request.user.is_authenticated and self._is_due(key):
            if session_length.is_over(request):
                expire(request)
                messages.info(
                    request, _("You were signed out: a workspace of yours asks for that after a while.")
                )
            elif not request.headers.get(REFRESH):
                note_browser(request)
        return self.get_response(request)

    def _is_due(self, key: str) -> bool:
        now = clock.now()
        last = self._noted.get(key)
        if last is not None and now - last < EVERY:
            return False
        self._noted[key] = now
        self._noted.move_to_end(key)
        if len(self._noted) > REMEMBERED:
            self._noted.popitem(last=False)
        return True
