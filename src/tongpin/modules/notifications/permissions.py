"""Everyone has an inbox; whose rows those are is decided by ``visible_to``. Only the server announces."""

from django.utils.translation import gettext_lazy as _

from tongpin.kernel import authz

authz.describe_scopes("notifications", read=_("Read the inbox"), write=_("Work through the inbox"))
VIEW = authz.declare("notifications.notification.view", authz.ANYONE, people=True)
EDIT = authz.declare("notifications.notification.edit", authz.ANYONE, people=True)
ANNOUNCE = authz.declare("notifications.event.announce")
PREFER = authz.declare("notifications.preference.edit", authz.ANYONE, people=True)
DIGEST = authz.declare("notifications.digest.send")
WAKE = authz.declare("notifications.inbox.wake")
