"""Writing an account. The library that signs people up (django-allauth) comes here through the adapter."""

from __future__ import annotations

from allauth.account.models import EmailAddress
from allauth.socialaccount.models import SocialAccount, SocialLogin
from django.db import IntegrityError, transaction
from django.http import HttpRequest

from tongpin.kernel.events.recording import emit, recording
from tongpin.kernel.tenancy.actor import Actor
from tongpin.kernel.tenancy.enums import Via
from tongpin.kernel.tenancy.models import User
from tongpin.lib import pinyin
from tongpin.modules.workspaces import events


def write_account(user: User, method: str, *, via: Via = Via.WEB, ip: str | None = None) -> User:
    """Save a new account, with pinyin; the first one owns the server. Records ``account_signed_up``.

    Of two first accounts made at the same moment the database's constraint lets one be the owner; the other is
    saved as an ordinary account. Raises IntegrityError if the address is taken.
    """
    user.email = user.email.strip().lower()
    user.pinyin = pinyin.of_person(user.name)[:400]
    user.owns_server = not User.objects.exists()
    with transaction.atomic():
        if user.owns_server:
            try:
                with transaction.atomic():
                    user.save()
            except IntegrityError:
                if User.objects.filter(email=user.email).exists():
                    raise
                user.owns_server = False
                user.save()
        else:
            user.save()
        with recording(Actor.of(user, via, ip=ip), "workspaces.account.sign_up"):
            emit(events.AccountSignedUp(method=method, owns_server=user.owns_server), user)
    return user


def write_social_account(login: SocialLogin, request: HttpRequest, *, ip: str | None = None) -> User:
    """Save a new account that signs in through a provider, and its link to the provider."""
    user: User = login.user
    with transaction.atomic():
        write_account(user, login.account.provider, ip=ip)
        login.save(request)
    return user


def unlink(user: User) -> None:
    """Forget the accounts elsewhere that lead to this one: somebody else may have linked them."""
    SocialAccount.objects.filter(user=user).delete()


def create_account(email: str, name: str, password: str | None, **fields: str) -> User:
    """An account made by whoever runs the server (command line, demo): its address counts as confirmed."""
    user = User(email=email, name=name, **fields)
    user.set_password(password)
    with transaction.atomic():
        write_account(user, "operator", via=Via.SYSTEM)
        confirm_address(user)
    return user


def confirm_address(user: User) -> None:
    """Take the account's address as its own without a mail having been answered."""
    EmailAddress.objects.update_or_create(
        user=user, email=user.email, defaults={"verified": True, "primary": True}
    )


def begin_change(user: User, email: str) -> EmailAddress:
    """Note the address a person wants to change to, in place of an earlier wish. It counts once it is confirmed.

    The address they sign in with stays, confirmed or not, so that they are never without one.
    """
    EmailAddress.objects.filter(user=user, verified=False).exclude(email=user.email).delete()
    return EmailAddress.objects.create(user=user, email=email)
