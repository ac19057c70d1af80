"""The calls to whoever vouches for people: OpenID Connect and the messengers."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

import requests
from django.conf import settings

from tongpin.kernel import http
from tongpin.kernel.upkeep import contacts


class NotedSession(http.Session):
    """The outgoing client; how each call went is told on the System page."""

    def send(self, request: requests.PreparedRequest, **more: Any) -> requests.Response:
        name = f"sign-in:{urlsplit(request.url or '').hostname}"
        try:
            answer = super().send(request, **more)
        except requests.exceptions.RequestException as error:
            contacts.note(name, error=type(error).__name__)
            raise
        contacts.note(name, error=f"HTTP {answer.status_code}" if answer.status_code >= 500 else "")
        return answer


def configured_hosts() -> list[str]:
    """What the operator set up: these may be on the internal network."""
    apps = [app for given in settings.SOCIALACCOUNT_PROVIDERS.values() for app in given.get("APPS", [])]
    addresses = [app["settings"].get(name) for app in apps for name in ("server_url", "api")]
    return [host for address in addresses if address and (host := urlsplit(str(address)).hostname)]
