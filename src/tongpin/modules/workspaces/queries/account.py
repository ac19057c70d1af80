"""Accounts, as sign-in needs to ask about them."""

from __future__ import annotations

from collections.abc import Iterable

from allauth.account.models import EmailAddress
from allauth.socialaccount.models import SocialAccount
from django.conf import settings

from tongpin.kernel.tenancy.models import Membership, User
from tongpin.modules.workspaces.ldap import PROVIDER


def any_account() -> bool:
    """Whether the server has an account at all."""
    return User.objects.exists()


def owns_server(email: str) -> bool:
    """Whether the address is that of the account that owns the server."""
    return User.objects.filter(email=email.lower(), owns_server=True).exists()


def by_address(email: str) -> User | None:
    """The account that signs in with this address; None if there is none."""
    return User.objects.filter(email=email.lower()).first()


def by_login(text: str) -> User | None:
    """The account meant by what somebody typed to sign in: an address, or a login of the company's directory."""
    given = text.strip()
    rows = SocialAccount.objects.select_related("user").filter(provider=PROVIDER)
    row = rows.filter(extra_data__login__iexact=given).first() if "@" not in given else None
    return row.user if row is not None else by_address(given)


def holder_of(email: str) -> User | None:
    """The account that signs in with this address or has shown that it is theirs; None if there is none."""
    row = EmailAddress.objects.select_related("user").filter(email=email.lower(), verified=True).first()
    return by_address(email) or (row.user if row is not None else None)


def of_directory(user: User) -> bool:
    """Whether the person signs in with the password of the company's directory."""
    linked = SocialAccount.objects.filter(user=user, provider=PROVIDER).exists()
    return linked and not user.has_usable_password()


def keeps_no_password(user: User) -> bool:
    """Whether the person's only password is to be the directory's: one of ours would outlast what the company decides.
    The server's owner may have one, to get in while the directory is down.
    """
    asked = settings.LDAP is not None and settings.LDAP_SIGN_IN
    return bool(asked) and not user.owns_server and of_directory(user)


def address_taken(email: str, *, but: User | None = None) -> bool:
    """Whether an account (other than ``but``) has the address, confirmed or not."""
    users = User.objects.filter(email=email.lower())
    rows = EmailAddress.objects.filter(email=email.lower(), verified=True)
    if but is not None:
        users, rows = users.exclude(pk=but.pk), rows.exclude(user=but)
    return users.exists() or rows.exists()


def has_confirmed(user: User, addresses: Iterable[str]) -> bool:
    """Whether the person has shown that one of the addresses is theirs."""
    given = [address.lower() for address in addresses]
    return bool(EmailAddress.objects.filter(user=user, email__in=given, verified=True).exists())


def is_member(user: User) -> bool:
    """Whether the person belongs, or belonged, to a workspace."""
    return Membership.objects.filter(user=user).exists()
