from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class NotificationsConfig(AppConfig):
    name = "tongpin.modules.notifications"
    label = "notifications"

    def ready(self) -> None:
        from tongpin.kernel.events import relay
        from tongpin.kernel.realtime import audience
        from tongpin.kernel.upkeep import contacts
        from tongpin.modules.notifications import (  # noqa: F401  actions register themselves
            actions,
            handlers,
            jobs,
            members_rules,
            owners,
            queries,
        )
        from tongpin.ui import navigation

        members_rules.register()
        contacts.register(queries.outgoing)
        relay.subscribe("notifications", handlers.on_events, acts=True)
        audience.personal("notifications.notification", owners.of_notifications)
        audience.personal("notifications.preference", owners.of_preferences)
        audience.personal("notifications.browser", owners.of_browsers)
        audience.personal("notifications.mailrhythm", owners.of_rhythms)
        navigation.register(
            navigation.NavItem(
                "notifications.inbox",
                group="top",
                label=_("Inbox"),
                icon="inbox",
                url_name="notifications:inbox",
                order=20,
                shortcut="g i",
                badge=queries.unread,
                words=(_("notifications"), _("bell")),
                on_phone=True,
                live="notifications.notification",
                live_name="notifications:bell",
            )
        )
        navigation.register(
            navigation.NavItem(
                "notifications.preferences",
                group="settings",
                label=_("Notifications"),
                icon="bell",
                url_name="notifications:preferences",
                words=(_("mail"),),
            )
        )
