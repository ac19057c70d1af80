"""How django-allauth's second factors work on this server: authenticator apps, passkeys, recovery codes."""

from __future__ import annotations

import struct
import unicodedata
from dataclasses import dataclass
from itertools import groupby
from typing import Any
from urllib.parse import urlsplit

import qrcode
from allauth.core import context
from allauth.mfa import app_settings
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.base.forms import AuthenticateForm
from allauth.mfa.models import Authenticator
from allauth.mfa.webauthn.forms import (
    AddWebAuthnForm,
    AuthenticateWebAuthnForm,
    EditWebAuthnForm,
    LoginWebAuthnForm,
    ReauthenticateWebAuthnForm,
)
from cryptography.exceptions import InvalidSignature
from django import forms
from django.conf import settings
from django.core.cache import cache
from django.core.exceptions import ValidationError
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from tongpin.kernel import keyring
from tongpin.kernel.tenancy.models import User
from tongpin.lib.user_agent import browser_of

#: Session key of the page a person wanted to open when they were asked to set up a second step.
ENTERING = "entering"


class SecondFactorAdapter(DefaultMFAAdapter):
    """Names, words, and how secrets are kept."""

    error_messages = {
        **DefaultMFAAdapter.error_messages,
        "incorrect_code": _("This code is not right, or it was used already. Wait for the next one."),
        "unknown_passkey": _("This passkey does not open an account here. It may have been removed."),
        "passkey_refused": _(
            "The passkey could not be added. Try again; it needs a PIN, a fingerprint or a face."
        ),
    }

    def get_totp_issuer(self) -> str:
        """What an authenticator app calls this server; its host, so that two servers can be told apart."""
        return f"Tongpin ({urlsplit(settings.SITE_URL).hostname})"

    def generate_authenticator_name(self, user: User, type: Authenticator.Type) -> str:  # noqa: A002
        """A first name for a passkey: the system it was made on, numbered where there is one already."""
        agent = context.request.META.get("HTTP_USER_AGENT", "")
        name = browser_of(agent).system or gettext("Passkey")
        taken = {row.wrap().name for row in Authenticator.objects.filter(user=user, type=type)}
        return next(n for n in (name, *(f"{name} {k}" for k in range(2, len(taken) + 3))) if n not in taken)

    def encrypt(self, text: str) -> str:
        return keyring.encrypt(text)

    def decrypt(self, encrypted_text: str) -> str:
        return keyring.decrypt(encrypted_text)

    def build_totp_svg(self, url: str) -> str:
        """Nothing: the page draws ``Picture`` itself."""
        return ""


@dataclass(frozen=True, slots=True)
class Picture:
    """A QR code as one SVG path in a square of ``size`` units, a quiet edge of four included."""

    size: int
    path: str

    @classmethod
    def of(cls, text: str) -> Picture:
        code = qrcode.QRCode(border=4, error_correction=qrcode.ERROR_CORRECT_M)
        code.add_data(text)
        rows = code.get_matrix()
        return cls(len(rows), "".join(_strokes(y, row) for y, row in enumerate(rows)))


def _strokes(y: int, row: list[bool]) -> str:
    """The dark runs of a row."""
    drawn, x = "", 0
    for dark, run in groupby(row):
        width = len(list(run))
        drawn += f"M{x} {y}h{width}v1h-{width}z" if dark else ""
        x += width
    return drawn


def plain_digits(typed: str) -> str:
    """A code as it was meant: an input method may have made its digits full-width."""
    return unicodedata.normalize("NFKC", typed)


class CodeForm(AuthenticateForm):
    """The second step of signing in, by a code."""

    def clean_code(self) -> str:
        """The code. One of an authenticator app is taken once, for as long as it would be right."""
        self.cleaned_data["code"] = plain_digits(self.cleaned_data["code"])
        code: str = super().clean_code()
        if self.authenticator.type == Authenticator.Type.TOTP:
            steps = 2 * app_settings.TOTP_TOLERANCE + 1
            key = f"totp:{self.user.pk}:{''.join(filter(str.isdigit, code))}"
            if not cache.add(key, True, timeout=steps * app_settings.TOTP_PERIOD):
                raise SecondFactorAdapter().validation_error("incorrect_code")
        return code


#: What the library raises for an answer that no browser gives, or a signature that is not right.
NOT_A_PASSKEY = (ValueError, TypeError, KeyError, IndexError, AttributeError, struct.error, InvalidSignature)


class _OfPasskey:
    """Says of a passkey what the library says of a code."""

    def clean_credential(self) -> Authenticator:
        try:
            found: Authenticator = super().clean_credential()  # type: ignore[misc]
        except ValidationError as error:
            if error.code != "incorrect_code":
                raise
        except NOT_A_PASSKEY:
            pass
        else:
            return found
        raise SecondFactorAdapter().validation_error("unknown_passkey")


class PasskeyForm(_OfPasskey, AuthenticateWebAuthnForm):
    """The second step of signing in, by a passkey."""


class ConfirmByPasskeyForm(_OfPasskey, ReauthenticateWebAuthnForm):
    """Showing again that it is oneself."""


class SignInByPasskeyForm(_OfPasskey, LoginWebAuthnForm):
    """Signing in by a passkey alone: it is both steps, since it asks for a PIN, a fingerprint or a face."""


class AddPasskeyForm(AddWebAuthnForm):
    """A new passkey, always one that can sign in by itself."""

    name = forms.CharField(required=False, max_length=60)

    def clean_passwordless(self) -> bool:
        """Never a choice."""
        return True

    def clean(self) -> dict[str, Any]:
        """Raises with our words where the browser's answer is no passkey."""
        try:
            cleaned: dict[str, Any] = super().clean()
        except (ValidationError, *NOT_A_PASSKEY) as error:
            raise SecondFactorAdapter().validation_error("passkey_refused") from error
        return cleaned


class RenamePasskeyForm(EditWebAuthnForm):
    name = forms.CharField(max_length=60)
