"""What the three messengers' sign-ins share.

An e-mail address a messenger gives is a suggestion: people may write it there themselves. It never counts as confirmed
and never leads to an account that exists (``SocialAccountAdapter.can_authenticate_by_email``). Who a person is over
there is told by an id that the vendor gives once and for all.
"""

from __future__ import annotations

from typing import Any, ClassVar

import requests
from allauth.socialaccount.adapter import get_adapter
from allauth.socialaccount.models import SocialLogin, SocialToken
from allauth.socialaccount.providers.base import ProviderAccount
from allauth.socialaccount.providers.oauth2.client import OAuth2Client, OAuth2Error
from allauth.socialaccount.providers.oauth2.provider import OAuth2Provider
from allauth.socialaccount.providers.oauth2.views import OAuth2Adapter
from django.http import HttpRequest
from django.urls import reverse
from django.utils.http import urlencode


class VendorRefused(OAuth2Error):
    """The vendor answered with an error, with nonsense, or not at all. Says nothing that is secret."""


class NotOfTheCompany(OAuth2Error):
    """Somebody who is not of the company that this server is set up for."""


class VendorClient(OAuth2Client):
    """Builds the address on which a person leaves; asking for tokens is each vendor's own."""

    def __init__(self, adapter: VendorAdapter, app: Any, callback_url: str) -> None:
        super().__init__(adapter.request, app.client_id, app.secret, "POST", "", callback_url)
        self.adapter = adapter

    def get_redirect_url(self, authorization_url: str, scope: list[str], extra_params: dict[str, str]) -> str:
        asked = {**self.adapter.leaving_with(self.callback_url), **extra_params, "state": self.state}
        return f"{authorization_url}?{urlencode(asked)}{self.adapter.fragment}"


class VendorAdapter(OAuth2Adapter):
    """One vendor: where people go, and what it is asked when they come back."""

    login_url: ClassVar[str]
    api: ClassVar[str]
    fragment = ""

    @property
    def app(self) -> Any:
        return self.get_provider().app

    @property
    def authorize_url(self) -> str:
        return str(self.app.settings.get("login_url") or self.login_url)

    def leaving_with(self, callback_url: str) -> dict[str, str]:
        """Parameters of the vendor's sign-in page besides ``state``."""
        raise NotImplementedError

    def person(self, code: str, verifier: str | None) -> dict[str, Any]:
        """Who has come back with ``code``. Raises VendorRefused or NotOfTheCompany."""
        raise NotImplementedError

    def ask(self, method: str, path: str, **how: Any) -> dict[str, Any]:
        """One call of the vendor's API; ``how`` as for requests. Raises VendorRefused without a JSON object.

        Nothing of the call is repeated in the error: addresses and bodies carry secrets.
        """
        base = str(self.app.settings.get("api") or self.api)
        try:
            with get_adapter().get_requests_session() as web:
                found = web.request(method, base + path, **how).json()
        except requests.RequestException as error:
            raise VendorRefused(f"{path}: {type(error).__name__}") from None
        if not isinstance(found, dict):
            raise VendorRefused(f"{path}: no object")
        return found

    def get_callback_url(self, request: HttpRequest, app: Any) -> str:
        """On the host the person came to, which has their session; each must be registered with the vendor."""
        return request.build_absolute_uri(reverse("messenger_callback", args=[self.provider_id]))

    # -- what allauth calls ----------------------------------------------------------------------------------------

    def get_client(self, request: HttpRequest, app: Any) -> VendorClient:
        return VendorClient(self, app, self.get_callback_url(request, app))

    def get_access_token_data(
        self, request: HttpRequest, app: Any, client: Any, pkce_code_verifier: str | None = None
    ) -> dict[str, Any]:
        return self.person(request.GET["code"], pkce_code_verifier)

    def parse_token(self, data: dict[str, Any]) -> SocialToken:
        """None: a sign-up that waits for an e-mail address would keep it in the session."""
        return SocialToken(token="")

    def complete_login(self, request: HttpRequest, app: Any, token: Any, **kwargs: Any) -> SocialLogin:
        return self.get_provider().sociallogin_from_response(request, kwargs["response"])


class VendorAccount(ProviderAccount):
    """Somebody's account over there, by its name."""

    def to_str(self) -> str:
        return str(self.account.extra_data.get("name") or super().to_str())


class VendorProvider(OAuth2Provider):
    """A vendor among allauth's providers. ``data`` everywhere is what ``VendorAdapter.person`` gave."""

    account_class = VendorAccount

    def __init__(self, request: HttpRequest, app: Any = None) -> None:
        super().__init__(request, app)
        self.name = app.name or self.name

    def __str__(self) -> str:
        return str(self.name)

    def get_login_url(self, request: HttpRequest, **kwargs: Any) -> str:
        address = reverse("messenger_login", args=[self.id])
        return f"{address}?{urlencode(kwargs)}" if kwargs else address

    def get_callback_url(self) -> str:
        return reverse("messenger_callback", args=[self.id])

    def get_scope_from_request(self, request: HttpRequest) -> list[str]:
        """Nothing: a link must not choose what is asked for, nor (below) for whom and where to."""
        return []

    def get_auth_params_from_request(self, request: HttpRequest, action: str) -> dict[str, str]:
        return {}

    def extract_uid(self, data: dict[str, Any]) -> str:
        return str(data["uid"])

    def extract_extra_data(self, data: dict[str, Any]) -> dict[str, Any]:
        """Only the name is kept."""
        return {"name": data["name"]}

    def extract_common_fields(self, data: dict[str, Any]) -> dict[str, Any]:
        return {"name": data["name"], "email": data.get("email") or ""}


def text(answer: dict[str, Any], *names: str) -> str:
    """The first of these fields that has text in it; "" if none has."""
    for name in names:
        value = answer.get(name)
        if isinstance(value, str) and value.strip():
            return value.strip()
    return ""
