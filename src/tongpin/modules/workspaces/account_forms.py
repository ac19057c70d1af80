"""What people type about their account, on the pages of django-allauth: ours where its own would not do."""

from __future__ import annotations

from typing import Any

from allauth.account.adapter import get_adapter
from allauth.account.app_settings import EmailVerificationMethod
from allauth.account.forms import AddEmailForm, ResetPasswordKeyForm, SetPasswordForm, SignupForm
from allauth.account.forms import ResetPasswordForm as AskForm
from allauth.account.internal.flows.email_verification import send_verification_email_to_address
from allauth.account.internal.flows.login import perform_login
from allauth.account.internal.flows.password_reset import reset_password
from allauth.account.models import EmailAddress, Login
from allauth.core import context
from django import forms
from django.conf import settings
from django.contrib.auth import password_validation
from django.contrib.auth.hashers import make_password
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from tongpin.kernel.tenancy.models import User
from tongpin.modules.workspaces.actions.account import begin_change, unlink
from tongpin.modules.workspaces.actions.token import revoke_all
from tongpin.modules.workspaces.fields import zones
from tongpin.modules.workspaces.queries import account
from tongpin.ui.access import client_ip


def password_rule() -> str:
    """What this server asks of a password."""
    words = ngettext(
        "At least %d character. Common passwords and your own name are not taken.",
        "At least %d characters. Common passwords and your own name are not taken.",
        settings.PASSWORD_LENGTH,
    )
    return words % settings.PASSWORD_LENGTH


class SignUpForm(SignupForm):
    """Name, e-mail address, password. Whether the address has an account already cannot be told from the answer."""

    name = forms.CharField(
        label=_("Your name"),
        max_length=80,
        widget=forms.TextInput(attrs={"autocomplete": "name", "autofocus": True}),
    )
    time_zone = forms.CharField(required=False, widget=forms.HiddenInput(attrs={"data-time-zone": ""}))
    field_order = ("name", "email", "password1")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["password1"].help_text = password_rule()

    def clean(self) -> dict[str, Any]:
        """allauth compares the password with the address, not with the name beside it."""
        given: dict[str, Any] = super().clean()
        if given.get("password1"):
            try:
                password_validation.validate_password(
                    given["password1"], User(name=given.get("name", ""), email=given.get("email", ""))
                )
            except ValidationError as error:
                self.add_error("password1", error)
        return given

    def clean_time_zone(self) -> str:
        """The browser's zone if it is a real one."""
        value: str = self.cleaned_data["time_zone"]
        return value if value in zones() else ""

    def validate_unique_email(self, value: str) -> str:
        """Note whether the address is taken; ``try_save`` then answers as if it were not."""
        self.account_already_exists = account.address_taken(value)
        return value

    def try_save(self, request: HttpRequest) -> tuple[User | None, HttpResponse | None]:
        """Make the account, or write to the address that it has one. Both cost the same hash and end the same way."""
        if not self.account_already_exists:
            made: tuple[User | None, HttpResponse | None] = super().try_save(request)
            return made
        make_password(self.cleaned_data["password1"])
        login = Login(
            user=None,
            email=self.cleaned_data["email"],
            signup=True,
            email_verification=EmailVerificationMethod.MANDATORY,
        )
        return None, perform_login(request, login)


ELSEWHERE = _("Your password is that of the company directory. Change it there.")


class AskResetForm(AskForm):
    """A link by which to set a new password. Who signs in with the directory is told so by mail instead: the page
    says the same either way.
    """

    def save(self, request: HttpRequest, **more: Any) -> str:
        elsewhere = [user for user in self.users if account.keeps_no_password(user)]
        for user in elsewhere:
            get_adapter().send_mail("account/email/password_elsewhere", user.email, {})
        self.users = [user for user in self.users if user not in elsewhere]
        if self.users or not elsewhere:
            return str(super().save(request, **more))
        return str(self.cleaned_data["email"])


class FirstPasswordForm(SetPasswordForm):
    """A password for who has none here."""

    @property
    def elsewhere(self) -> bool:
        """Whether the page is to say where the password is kept, in place of the fields."""
        return account.keeps_no_password(self.user)

    def clean(self) -> dict[str, Any]:
        if self.elsewhere:
            raise ValidationError(ELSEWHERE, code="password_elsewhere")
        cleaned: dict[str, Any] = super().clean()
        return cleaned


class ResetPasswordForm(ResetPasswordKeyForm):
    """A new password by a link in a mail. Who asks for that may have lost the account: its API tokens stop as well.

    If the address had not been confirmed, somebody else may have made the account on it: what they linked goes.

    A signed-in person who changes their password proves the old one, and keeps their tokens.
    """

    def clean(self) -> dict[str, Any]:
        if account.keeps_no_password(self.user):  # the link is older than that
            raise ValidationError(ELSEWHERE, code="password_elsewhere")
        cleaned: dict[str, Any] = super().clean()
        return cleaned

    def save(self) -> None:
        with transaction.atomic():
            if not account.has_confirmed(self.user, [self.user.email]):
                unlink(self.user)
            reset_password(self.user, self.cleaned_data["password1"])
            revoke_all(self.user, ip=client_ip(context.request))


class ChangeAddressForm(AddEmailForm):
    """Another address to sign in with."""

    def save(self, request: HttpRequest) -> EmailAddress:
        """Note the wish and mail a link to the new address."""
        wanted = begin_change(self.user, self.cleaned_data["email"])
        send_verification_email_to_address(request, wanted)
        return wanted
