"""The reader's language and time zone, for this request."""

from __future__ import annotations

from collections.abc import Callable
from zoneinfo import ZoneInfo

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import timezone, translation

LANGUAGE_COOKIE = "tongpin_language"


class ReaderMiddleware:
    """A member's own language and zone; for a visitor, the choice made on the page, else the browser's."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        user = request.user
        language = user.language if user.is_authenticated else visitor_language(request)
        with translation.override(language):
            request.LANGUAGE_CODE = language
            zone = ZoneInfo(user.time_zone) if user.is_authenticated else ZoneInfo("UTC")
            with timezone.override(zone):
                response = self.get_response(request)
        response.headers.setdefault("Content-Language", language)
        return response


def visitor_language(request: HttpRequest) -> str:
    """The language of someone who has not signed in."""
    chosen = request.COOKIES.get(LANGUAGE_COOKIE)
    if chosen in dict(settings.LANGUAGES):
        return chosen
    return translation.get_language_from_request(request)
