"""What this module tells the rest of the program about itself, once, when it starts."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from tongpin.kernel import authz
from tongpin.modules.analytics import permissions
from tongpin.ui import navigation
from tongpin.ui.navigation import NavItem


def register() -> None:
    """Called by ``apps.ready()``."""
    navigation.register(
        NavItem(
            "analytics.sources",
            "settings",
            _("Data sources"),
            icon="plug",
            url_name="analytics:sources",
            visible=lambda actor: authz.can(actor, permissions.EDIT.name),
            words=("SDK", _("Capture")),
        )
    )
