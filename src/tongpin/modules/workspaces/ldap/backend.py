"""Signing in with the directory's password, on the usual form, after passwords kept here were tried."""

from __future__ import annotations

from typing import Any

from allauth.account.adapter import get_adapter
from allauth.account.auth_backends import AuthenticationBackend
from allauth.socialaccount.providers.base import Provider, ProviderAccount
from django.conf import settings
from django.contrib.auth.backends import BaseBackend
from django.http import HttpRequest
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from tongpin.kernel.tenancy.models import User
from tongpin.modules.workspaces.actions.directory_account import account_of
from tongpin.modules.workspaces.actions.directory_sync import join
from tongpin.modules.workspaces.ldap import PROVIDER
from tongpin.modules.workspaces.ldap.directory import Directory
from tongpin.modules.workspaces.ldap.sync import workspace_to_join
from tongpin.modules.workspaces.passwords import directory_logins
from tongpin.ui.access import client_ip


class DirectoryBackend(BaseBackend):
    """Raises Unavailable and NotAdmitted, which the sign-in form puts into words."""

    def authenticate(
        self, request: HttpRequest | None, email: str = "", password: str = "", **_more: Any
    ) -> User | None:
        """``email`` is whatever was typed: a login or an address."""
        if settings.LDAP is None or not directory_logins() or not password or request is None:
            return None
        entry = Directory(settings.LDAP).check_password(email.strip(), password)
        if entry is None:
            return None
        user = account_of(
            entry,
            may_make=may_make_account(request),
            language=get_language() or settings.LANGUAGE_CODE,
            ip=client_ip(request),
        )
        if not user.is_active:
            AuthenticationBackend._stash_user(user)  # allauth then says that the account is switched off
            return None
        workspace = workspace_to_join()
        if workspace is not None:
            join(user, workspace)
        return user

    def get_user(self, user_id: int) -> User | None:
        return User.objects.filter(pk=user_id, is_active=True).first()


def may_make_account(request: HttpRequest) -> bool:
    """Where its people join a workspace they are invited all at once; else as for anyone who signs up."""
    return workspace_to_join() is not None or bool(get_adapter().is_open_for_signup(request))


class DirectoryAccount(ProviderAccount):
    def to_str(self) -> str:
        return str(self.account.extra_data.get("name", ""))


class DirectoryProvider(Provider):
    """How a link to the directory shows among a person's connected accounts; nothing leads to it."""

    id = PROVIDER
    name = _("Company directory")
    account_class = DirectoryAccount

    def __str__(self) -> str:
        return str(self.name)
