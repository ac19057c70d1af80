"""How django-allauth's second factors work on this server: authenticator apps, passkeys, recovery codes."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from itertools import groupby
from urllib.parse import urlsplit

import qrcode
from allauth.mfa import app_settings
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.base.forms import AuthenticateForm
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.core.cache import cache
from django.utils.translation import gettext_lazy as _

from tongpin.kernel import keyring


class SecondFactorAdapter(DefaultMFAAdapter):
    """Names, words, and how secrets are kept."""

    error_messages = {
        **DefaultMFAAdapter.error_messages,
        "incorrect_code": _("This code is not right, or it was used already. Wait for the next one."),
    }

    def get_totp_issuer(self) -> str:
        """What an authenticator app calls this server; its host, so that two servers can be told apart."""
        return f"Tongpin ({urlsplit(settings.SITE_URL).hostname})"

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
