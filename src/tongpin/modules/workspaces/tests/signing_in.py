"""Browsers that sign in the way people do, with an authenticator app where one is set up."""

from __future__ import annotations

import time
from typing import Any

from allauth.account.models import EmailAddress
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, generate_totp_secret, hotp_value
from django.test import Client, TestCase

from tongpin.kernel.tenancy.models import User

PASSWORD = "correct horse battery"


def code_of(secret: str, *, steps: int = 0) -> str:
    """What an authenticator app shows now, or ``steps`` half-minutes later."""
    return format_hotp_value(hotp_value(secret, int(time.time()) // 30 + steps))


def committed() -> Any:
    """Inside, what is done after a commit is done although the test's own transaction never commits."""
    return TestCase.captureOnCommitCallbacks(execute=True)


def sign_in(email: str = "member@acme.example", **more: Any) -> Client:
    """A browser after e-mail and password."""
    browser = Client(**more)
    browser.post("/accounts/login/", {"login": email, "password": PASSWORD})
    return browser


def is_in(browser: Client) -> bool:
    return "_auth_user_id" in browser.session


def confirm(browser: Client) -> None:
    """Show again that it is oneself, as every change of a second factor asks."""
    browser.post("/accounts/reauthenticate/", {"password": PASSWORD})


def give_app(user: User) -> tuple[str, list[str]]:
    """An authenticator app of this person, as if set up earlier; its key and the recovery codes."""
    secret = generate_totp_secret()
    TOTP.activate(user, secret)
    return secret, RecoveryCodes.activate(user).generate_codes()


def set_up_app(browser: Client, user: User) -> tuple[str, list[str]]:
    """Set up an authenticator app on the pages; its key and the recovery codes shown."""
    EmailAddress.objects.get_or_create(user=user, email=user.email, verified=True, primary=True)
    confirm(browser)
    secret: str = browser.get("/accounts/security/app/").context["secret"].replace(" ", "")
    with committed():
        answer = browser.post("/accounts/security/app/", {"code": code_of(secret)})
    codes = browser.get(answer.headers["Location"]).context["unused_codes"]
    return secret, codes
