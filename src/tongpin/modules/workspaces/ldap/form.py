"""The sign-in form where the directory's logins count as well."""

from __future__ import annotations

from typing import Any

import structlog
from allauth.account.forms import LoginForm
from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from tongpin.modules.workspaces.actions.directory_account import NotAdmitted
from tongpin.modules.workspaces.ldap.directory import Unavailable
from tongpin.modules.workspaces.passwords import directory_logins

log = structlog.get_logger("tongpin.ldap")

NOT_ADMITTED = {
    "no_address": _(
        "The company directory has no e-mail address for you. Ask the people who run it to add one."
    ),
    "address_taken": _(
        "Your e-mail address belongs to another account here. Ask the person who runs this server."
    ),
    "closed": _("Only invited people can sign in. Open the link of your invitation, then sign in."),
}


class SignInForm(LoginForm):
    """E-mail address and password; with a directory, its logins too."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["password"].help_text = ""  # the page has the link, where there is such a page
        if directory_logins():
            widget = forms.TextInput(attrs={"autocomplete": "username", "autocapitalize": "none"})
            self.fields["login"] = forms.CharField(max_length=254, widget=widget)
            self.order_fields(["login", "password"])

    @property
    def directory(self) -> bool:
        """Whether the page is to ask for a login as well."""
        return directory_logins()

    @property
    def keeps_passwords(self) -> bool:
        """Whether passwords kept here count as well."""
        return not settings.OIDC_ONLY

    def _clean_with_password(self, credentials: dict[str, Any]) -> dict[str, Any]:
        try:
            cleaned: dict[str, Any] = super()._clean_with_password(credentials)
        except Unavailable as error:
            log.warning("ldap.unavailable", reason=str(error))
            raise ValidationError(
                _("The company directory does not answer. Try again in a few minutes."), code="unavailable"
            ) from None
        except NotAdmitted as error:
            raise ValidationError(NOT_ADMITTED[error.reason], code=error.reason) from None
        except ValidationError as error:
            if not directory_logins() or error.code != "email_password_mismatch":
                raise
            raise ValidationError(_("The login or the password is wrong."), code=error.code) from None
        if directory_logins() and self.user is not None:
            self._login.email = self.user.email  # what was typed may be a login
        return cleaned
