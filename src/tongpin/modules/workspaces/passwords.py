"""Which passwords count: not ours where people sign in by OpenID Connect only (``TONGPIN_OIDC_ONLY``)."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from allauth.account.auth_backends import AuthenticationBackend
from django.conf import settings
from django.http import HttpRequest, HttpResponse

from tongpin.kernel.errors import NotFound
from tongpin.kernel.tenancy.models import User

View = Callable[..., HttpResponse]


def directory_logins() -> bool:
    """Whether the sign-in form takes the logins of the company's directory (``TONGPIN_LDAP_SIGN_IN``)."""
    return settings.LDAP is not None and bool(settings.LDAP_SIGN_IN)


class PasswordBackend(AuthenticationBackend):
    """E-mail address and password."""

    def authenticate(self, request: HttpRequest | None, **credentials: Any) -> User | None:
        """Nobody where no passwords are kept: one from before is not looked at either."""
        if settings.OIDC_ONLY:
            return None
        found: User | None = super().authenticate(request, **credentials)
        return found


def kept_here(view: View) -> View:
    """For the pages about them; there is no such page where none are kept."""

    @wraps(view)
    def asked(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if settings.OIDC_ONLY:
            raise NotFound
        return view(request, *args, **kwargs)

    return asked
