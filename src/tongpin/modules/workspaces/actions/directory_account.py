"""Accounts of people of the company's directory (LDAP)."""

from __future__ import annotations

from allauth.socialaccount.models import SocialAccount
from allauth.usersessions.models import UserSession
from django.db import IntegrityError, transaction

from tongpin.kernel.tenancy.models import User
from tongpin.modules.workspaces.actions.account import confirm_address, unlink, write_account
from tongpin.modules.workspaces.actions.token import revoke_all
from tongpin.modules.workspaces.ldap import PROVIDER
from tongpin.modules.workspaces.ldap.directory import Entry
from tongpin.modules.workspaces.queries import account


class NotAdmitted(Exception):
    """Somebody of the directory who gets no account: ``reason`` is no_address, address_taken or closed."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def account_of(entry: Entry, *, may_make: bool, ip: str | None = None, **fields: str) -> User:
    """The account of a person of the directory: the linked one, the one with their address, else a new one.

    The directory speaks for its addresses. Where nobody had shown that the address of an account is theirs, what
    could still let a stranger in goes: password, sessions, tokens, other links. ``fields`` are a new account's
    language and time zone. Raises NotAdmitted.
    """
    try:
        with transaction.atomic():
            return _account_of(entry, may_make=may_make, ip=ip, fields=fields)
    except IntegrityError:  # made at this very moment by another request
        linked = _linked(entry)
        if linked is None:
            raise
        return linked


def _account_of(entry: Entry, *, may_make: bool, ip: str | None, fields: dict[str, str]) -> User:
    linked = _linked(entry)
    if linked is not None:
        return linked
    if not entry.email:
        raise NotAdmitted("no_address")
    user = account.holder_of(entry.email)
    if user is None:
        if not may_make:
            raise NotAdmitted("closed")
        user = User(email=entry.email, name=entry.name[:80], **fields)
        user.set_unusable_password()
        write_account(user, PROVIDER, ip=ip)
    elif SocialAccount.objects.filter(user=user, provider=PROVIDER).exists():
        # A colleague's address, given to someone new in the directory: their account does not go with it.
        raise NotAdmitted("address_taken")
    elif not account.has_confirmed(user, [entry.email]):
        _shut_out_strangers(user, ip)
    if user.email == entry.email:
        confirm_address(user)
    SocialAccount.objects.create(
        user=user,
        provider=PROVIDER,
        uid=entry.uid,
        extra_data={"name": f"{entry.name} ({entry.login})", "login": entry.login},
    )
    return user


def link_of(entry: Entry) -> SocialAccount | None:
    """The link of a person of the directory to their account; None before they have one."""
    rows = SocialAccount.objects.select_related("user").filter(provider=PROVIDER, uid=entry.uid)
    found: SocialAccount | None = rows.first()
    return found


def _linked(entry: Entry) -> User | None:
    row = link_of(entry)
    return row.user if row is not None else None


def _shut_out_strangers(user: User, ip: str | None) -> None:
    user.set_unusable_password()
    user.save(update_fields=["password"])
    unlink(user)
    revoke_all(user, ip=ip)
    end_sessions(user)


def end_sessions(user: User) -> None:
    """Sign the person out everywhere."""
    for row in UserSession.objects.filter(user=user):
        row.end()
