"""How django-allauth, which signs people in, works on this server: who may sign up, what is recorded, what is said."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

import requests
import structlog
from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.app_settings import EmailVerificationMethod
from allauth.account.internal.flows.login import get_authentication_records
from allauth.account.models import EmailAddress
from allauth.account.stages import EmailVerificationStage
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from allauth.socialaccount.models import SocialLogin
from allauth.socialaccount.providers.base import AuthError, AuthProcess
from django.conf import settings
from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from tongpin.kernel.errors import DomainError
from tongpin.kernel.events.recording import emit, recording
from tongpin.kernel.mail import compose
from tongpin.kernel.tenancy.actor import Actor
from tongpin.kernel.tenancy.models import User
from tongpin.modules.workspaces import events
from tongpin.modules.workspaces.actions.account import unlink, write_account, write_social_account
from tongpin.modules.workspaces.actions.audit import note_failed_sign_in
from tongpin.modules.workspaces.actions.directory_account import NotAdmitted
from tongpin.modules.workspaces.actions.invitation import accept_invitation
from tongpin.modules.workspaces.actions.token import revoke_all
from tongpin.modules.workspaces.im.vendor import NotOfTheCompany, VendorProvider
from tongpin.modules.workspaces.ldap import PROVIDER
from tongpin.modules.workspaces.ldap.directory import Unavailable
from tongpin.modules.workspaces.models import Invitation
from tongpin.modules.workspaces.provider_calls import NotedSession, configured_hosts
from tongpin.modules.workspaces.queries import account, member, second_factor
from tongpin.ui.access import client_ip

log = structlog.get_logger("tongpin.sign_in")

#: Session key of an invitation's token, kept while its holder signs up.
INVITATION = "invitation"


#: What allauth writes to somebody about a second factor, and what then happened to which kind.
CHANGED = {
    "mfa/email/totp_activated": ("totp", "added"),
    "mfa/email/totp_deactivated": ("totp", "removed"),
    "mfa/email/webauthn_added": ("webauthn", "added"),
    "mfa/email/webauthn_removed": ("webauthn", "removed"),
    "mfa/email/recovery_codes_generated": ("recovery_codes", "renewed"),
}


def invited(request: HttpRequest) -> Invitation | None:
    """The open invitation this visitor came with; None without one."""
    token = request.session.get(INVITATION)
    found = member.invitation_by_token(token) if token else None
    return found if found is not None and found.state == "open" else None


def _record(request: HttpRequest | None, user: User, action: str, payload: Any) -> None:
    actor = Actor.of(user, ip=client_ip(request) if request is not None else None)
    with transaction.atomic(), recording(actor, f"workspaces.account.{action}"):
        emit(payload, user)


class AccountAdapter(DefaultAccountAdapter):
    """Passwords and addresses."""

    error_messages = {
        **DefaultAccountAdapter.error_messages,
        "account_inactive": _("This account has been switched off."),
        "duplicate_email": _("This is your address already."),
        "same_as_current": _("This is your address already."),
        "email_password_mismatch": _("The e-mail address or the password is wrong."),
        "enter_current_password": _("This is not your current password."),
        "incorrect_password": _("The password is wrong."),
        "invalid_password_reset": _("This link is no longer valid."),
        "too_many_login_attempts": _("Too many attempts. Wait five minutes, or reset your password."),
        "rate_limited": _("Too many attempts. Wait a minute and try again."),
    }

    # -- signing up ------------------------------------------------------------------------------------------------

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Always for the first account; afterwards as TONGPIN_SIGN_UP says, and with an open invitation."""
        return settings.SIGN_UP != "invited" or not account.any_account() or invited(request) is not None

    def new_user(self, request: HttpRequest) -> User:
        """A blank account in the visitor's language."""
        return User(language=_known_language())

    def save_user(self, request: HttpRequest, user: User, form: Any, commit: bool = True) -> User:
        """Fill the account from the form and save it; an account signing up by OIDC is saved by the other adapter."""
        data = form.cleaned_data
        user.email = data["email"]
        user.name = data.get("name") or user.name or data["email"].split("@")[0]
        if data.get("time_zone"):
            user.time_zone = data["time_zone"]
        if data.get("password1"):
            user.set_password(data["password1"])
            if commit:
                write_account(user, "password", ip=client_ip(request))
        return user

    def is_email_verified(self, request: HttpRequest, email: str) -> bool:
        """The first account's address needs no mail, nor does one whose holder came by an invitation sent to it."""
        came_with = invited(request)
        if came_with is not None and came_with.email and came_with.email == email.lower():
            return True
        return account.owns_server(email) or bool(super().is_email_verified(request, email))

    def get_login_stages(self) -> list[str]:
        own = f"{VerificationStage.__module__}.{VerificationStage.__name__}"
        theirs = "allauth.account.stages.EmailVerificationStage"
        return [own if name == theirs else name for name in super().get_login_stages()]

    def get_signup_redirect_url(self, request: HttpRequest) -> str:
        return reverse("workspaces:front")

    # -- signing in ------------------------------------------------------------------------------------------------

    def post_login(self, request: HttpRequest, user: User, **more: Any) -> HttpResponse:
        """Record it, and lead who came with an invitation on: into the workspace, or to the page that asks them."""
        token = request.session.pop(INVITATION, None)
        if token is not None and not more.get("redirect_url"):
            asks = reverse("workspaces:invite", args=[token])
            more["redirect_url"] = self._enter(request, user, token) or asks if more.get("signup") else asks
        response: HttpResponse = super().post_login(request, user, **more)
        method, step = _how(request, user)
        _record(request, user, "sign_in", events.SignedIn(method=method, second_factor=step))
        if step == "recovery_codes":
            self._tell_change(user, step, "used", left=second_factor.codes_left(user))
        return response

    def _enter(self, request: HttpRequest, user: User, token: str) -> str | None:
        """Who signed up to join joins. None if they cannot."""
        try:
            joined = accept_invitation.run(Actor.of(user, ip=client_ip(request)), {"token": token}).value
        except DomainError:
            return None
        return f"/w/{joined.workspace.slug}/"

    def authentication_failed(self, request: HttpRequest, **credentials: Any) -> None:
        """Record it, whether or not there is such an account: the answer takes as long either way."""
        super().authentication_failed(request, **credentials)
        note_failed_sign_in(credentials.get("email") or "", ip=client_ip(request))

    def logout(self, request: HttpRequest) -> None:
        if isinstance(request.user, User):
            _record(request, request.user, "sign_out", events.SignedOut())
        super().logout(request)

    def reauthenticate(self, user: User, password: str) -> bool:
        """Whether this is still the person's password; a directory that is down says no."""
        try:
            return bool(super().reauthenticate(user, password))
        except (Unavailable, NotAdmitted):
            return False

    def get_reauthentication_methods(self, user: Any) -> list[dict[str, Any]]:
        """Ways to show that it is still oneself, in our words."""
        words = {
            "reauthenticate": _("Use your password"),
            "mfa_reauthenticate": _("Use a code"),
            "mfa_reauthenticate:webauthn": _("Use a passkey"),
        }
        ways = super().get_reauthentication_methods(user)
        return [{**way, "description": words[way["id"]]} for way in ways]

    # -- changes ---------------------------------------------------------------------------------------------------

    def set_password(self, user: User, password: str) -> None:
        with transaction.atomic():
            super().set_password(user, password)
            _record(self.request, user, "set_password", events.PasswordChanged())

    def confirm_email(self, request: HttpRequest, email_address: EmailAddress) -> bool:
        """Take a confirmed address as the account's own, unless another account has it."""
        user: User = email_address.user
        changed = user.email != email_address.email
        if changed and account.address_taken(email_address.email, but=user):
            self.add_message(
                request,
                messages.ERROR,
                "account/messages/email_confirmation_failed.txt",
                {"email": email_address.email},
            )
            return False
        with transaction.atomic():
            confirmed = bool(super().confirm_email(request, email_address))
            if confirmed:
                _record(request, user, "confirm_email", events.EmailConfirmed(changed=changed))
        return confirmed

    # -- what is said ----------------------------------------------------------------------------------------------

    def add_message(
        self,
        request: HttpRequest,
        level: int,
        message_template: str | None = None,
        message_context: dict[str, Any] | None = None,
        extra_tags: str = "",
        message: str | None = None,
    ) -> None:
        """Messages the page shows anyway (signed in, signed out, mail sent) are not said twice."""
        silent = (
            "logged_in", "logged_out", "email_confirmation_sent", "email_confirmed", "recovery_codes_generated",
        )  # fmt: skip
        if message_template and message_template.rsplit("/", 1)[-1].removesuffix(".txt") in silent:
            return
        super().add_message(request, level, message_template, message_context, extra_tags, message)

    def send_notification_mail(
        self,
        template_prefix: str,
        user: User,
        context: dict[str, Any] | None = None,
        email: str | None = None,
    ) -> None:
        """Changes of a second factor are recorded where they are told."""
        if template_prefix not in CHANGED:
            super().send_notification_mail(template_prefix, user, context, email)
            return
        kind, change = CHANGED[template_prefix]
        changed = events.SecondFactorChanged(kind=kind, change=change)
        _record(self.request, user, "second_factor", changed)
        self._tell_change(user, kind, change)

    def _tell_change(self, user: User, kind: str, change: str, **more: int) -> None:
        about = {"kind": kind, "change": change, **more}
        super().send_notification_mail("second_factor", user, about)

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Through the outbox, in the reader's language, in the words of ``workspaces/mail/account/<name>``."""
        name = template_prefix.rsplit("/", 1)[-1]
        reader = account.by_address(email) or compose.Reader(email, _known_language())
        given = {**context, **_on_our_address(context), "email": email}
        compose.message(reader, f"workspaces/mail/account/{name}", given).send()


def _on_our_address(context: dict[str, Any]) -> dict[str, str]:
    """The links among what a mail is given, on TONGPIN_URL: allauth builds them on the host the request claims."""
    links = {name: urlsplit(value) for name, value in context.items() if name.endswith("_url") and value}
    return {
        name: compose.absolute(link._replace(scheme="", netloc="").geturl()) for name, link in links.items()
    }


def _how(request: HttpRequest, user: User) -> tuple[str, str]:
    """How the person just signed in (``events.SignedIn``), and with which second factor; "" without one."""
    records = get_authentication_records(request, user)
    step = next((r["type"] for r in records if r["method"] == "mfa" and not r.get("passwordless")), "")
    if any(r.get("passwordless") for r in records):
        return "passkey", step
    if by := next((r["provider"] for r in records if r["method"] == "socialaccount"), ""):
        return by, step
    return ("ldap" if account.of_directory(user) else "password"), step


def _known_language() -> str:
    code = get_language() or settings.LANGUAGE_CODE
    return code if code in dict(settings.LANGUAGES) else settings.LANGUAGE_CODE


def _link_vouches(request: HttpRequest) -> bool:
    came_with = invited(request)
    return came_with is not None and not came_with.email and not settings.MAIL_TRANSPORT


class VerificationStage(EmailVerificationStage):
    """An address must be confirmed before its account gets in, except where somebody already vouched for the person.

    Somebody did if they are a member anywhere (they were invited, or added by whoever runs the server), own the
    server, or are signing up with an open link on a server that sends no mail, which could not be joined otherwise.
    Where mail is sent a link vouches for nobody's address: with one or without, signing up ends on the same page,
    and tells nothing about who has an account.
    """

    def handle(self) -> tuple[HttpResponse | None, bool]:
        user = self.login.user
        if user is None:
            self.login.email_verification = EmailVerificationMethod.MANDATORY
        elif (
            user.owns_server or account.is_member(user) or (self.login.signup and _link_vouches(self.request))
        ):
            self.login.email_verification = EmailVerificationMethod.OPTIONAL
        answer: tuple[HttpResponse | None, bool] = super().handle()
        return answer


class SocialAccountAdapter(DefaultSocialAccountAdapter):
    """Sign-in by OpenID Connect or a messenger, with what the operator configured."""

    error_messages = {
        **DefaultSocialAccountAdapter.error_messages,
        "disconnect_last": _("Set a password first, or you could not sign in any more."),
        "no_password": _("Set a password first, or you could not sign in any more."),
        "follows_directory": _(
            "Your account follows the company directory. Only people who run that can end it."
        ),
    }

    def populate_user(self, request: HttpRequest, sociallogin: SocialLogin, data: dict[str, Any]) -> User:
        """The suggested account: the provider's name and address, the visitor's language."""
        user: User = super().populate_user(request, sociallogin, data)
        whole = data.get("name") or f"{data.get('first_name') or ''} {data.get('last_name') or ''}".strip()
        user.name = (whole or user.email.split("@")[0])[:80]
        user.language = _known_language()
        return user

    def pre_social_login(self, request: HttpRequest, sociallogin: SocialLogin) -> None:
        """Stop the tokens of an account that was made on somebody's address before its owner came, and what was
        linked to it.

        allauth then takes its password away and ends its sessions (``wipe_password``).
        """
        found_by_address = sociallogin.is_existing and sociallogin.account.pk is None
        if found_by_address and sociallogin.state.get("process") != AuthProcess.CONNECT:
            given = [row.email for row in sociallogin.email_addresses if row.verified]
            if not account.has_confirmed(sociallogin.user, given):
                revoke_all(sociallogin.user, ip=client_ip(request))
                unlink(sociallogin.user)

    def can_authenticate_by_email(self, login: SocialLogin, email: str) -> bool:
        """Never by what a messenger says: people write their address there themselves."""
        return not isinstance(login.provider, VendorProvider) and bool(
            super().can_authenticate_by_email(login, email)
        )

    def get_signup_form_initial_data(self, sociallogin: SocialLogin) -> dict[str, Any]:
        """The address the invitation was mailed to, where the provider gave none."""
        initial: dict[str, Any] = super().get_signup_form_initial_data(sociallogin)
        came_with = invited(self.request)
        if not initial["email"] and came_with is not None:
            initial["email"] = came_with.email
        return initial

    def on_authentication_error(
        self,
        request: HttpRequest,
        provider: Any,
        error: Any = None,
        exception: Exception | None = None,
        extra_context: dict[str, Any] | None = None,
    ) -> None:
        """Log why; say it where the person is of another company."""
        if error == AuthError.CANCELLED:
            return
        log.warning("sign_in.provider_failed", provider=provider.id, error=str(exception or error))
        if isinstance(exception, NotOfTheCompany):
            page = render(request, "socialaccount/other_company.html", {"provider": provider}, status=403)
            raise ImmediateHttpResponse(page)

    def save_user(self, request: HttpRequest, sociallogin: SocialLogin, form: Any = None) -> User:
        user: User = sociallogin.user
        user.set_unusable_password()
        if form is not None:
            AccountAdapter(request).save_user(request, user, form, commit=False)
        return write_social_account(sociallogin, request, ip=client_ip(request))

    def get_requests_session(self) -> requests.Session:
        """The outgoing client. What the operator configured may be on the internal network, nothing else may."""
        return NotedSession(configured_hosts())

    def validate_disconnect(self, account: Any, accounts: Any) -> None:
        """Keep at least one way in, and the link by which the company's directory ends an account."""
        if account.provider == PROVIDER:
            raise self.validation_error("follows_directory")
        if len(accounts) == 1 and not account.user.has_usable_password():
            raise self.validation_error("no_password")
