from collections.abc import Callable

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class WorkspacesConfig(AppConfig):
    """Sign-in, workspaces, members, profile, tokens, and the state of the server."""

    name = "tongpin.modules.workspaces"
    label = "workspaces"

    def ready(self) -> None:
        from allauth.socialaccount.providers import registry

        from tongpin.kernel import authz, keyring, objects
        from tongpin.kernel.realtime import bearers
        from tongpin.kernel.tenancy.actor import Actor
        from tongpin.kernel.tenancy.enums import Role
        from tongpin.kernel.tenancy.models import Membership, Workspace
        from tongpin.kernel.upkeep import contacts
        from tongpin.modules.workspaces import (  # noqa: F401
            actions,
            activity_words,
            cards,
            events,
            im,
            import_jobs,
            jobs,
            joining_news,
            leading,
            people_events,
            permissions,
            places,
            public,
            token_events,
            token_words,
        )
        from tongpin.modules.workspaces.ldap.backend import DirectoryProvider
        from tongpin.modules.workspaces.queries import outgoing
        from tongpin.modules.workspaces.views import object_activity
        from tongpin.ui import appearance, navigation, panels
        from tongpin.ui.navigation import NavItem

        objects.register(
            Membership,
            label=_("Member"),
            plural=_("Members"),
            icon="user",
            card=cards.of_member,
            search=cards.text_of_member,
            related=("user", "workspace"),
            body_open=lambda actor: actor.role != Role.GUEST,  # the body is the address
        )
        objects.register(
            Workspace,
            label=_("Workspace"),
            plural=_("Workspaces"),
            icon="building-2",
            card=cards.of_workspace,
        )
        keyring.register("workspaces.second_factor", actions.second_factor.rewrite_secrets)
        for provider in (*im.MESSENGERS, DirectoryProvider):
            registry.register(provider)
        activity_words.register()
        token_words.register()
        leading.register()
        joining_news.register()
        places.register()
        contacts.register(outgoing.outgoing)
        bearers.register(
            public.open_stream,
            public.working_keys,
            about=("workspaces.apitoken", "workspaces.workspacetoken"),
        )
        panels.register_everywhere(
            object_activity.panel, order=90, except_for=("workspaces.project", "tenancy.workspace")
        )
        appearance.saved_by(actions.profile.keep_appearance)

        def may(permission: str) -> Callable[[Actor], bool]:
            return lambda actor: authz.can(actor, permission)

        def owns_server(actor: Actor) -> bool:
            return actor.user is not None and actor.user.owns_server

        for item in (
            NavItem(
                "workspaces.members", "more", _("Members"), icon="users", url_name="workspaces:members", order=60,
                shortcut="g t", words=(_("people"), _("invite"), "chengyuan"),
            ),
            NavItem(
                "workspaces.invite", "do", _("Invite colleagues"), icon="user-plus", url_name="workspaces:members",
                query="#invitations", visible=may("workspaces.member.invite"), words=(_("members"),),
            ),
            NavItem(
                "workspaces.activity", "more", _("Activity"), icon="activity", url_name="workspaces:activity", order=80,
                shortcut="g l", visible=may("workspaces.activity.view"), words=(_("audit"),),
            ),
            NavItem(
                "workspaces.settings", "more", _("Settings"), icon="settings", url_name="workspaces:settings", order=90,
                shortcut="g s", visible=may("workspaces.workspace.edit"),
            ),
            NavItem(
                "workspaces.all", "switcher", _("All workspaces"), icon="layout-grid", url_name="workspaces:list",
                order=80, needs_workspace=False,
            ),
            NavItem(
                "workspaces.new", "switcher", _("New workspace"), icon="plus", url_name="workspaces:new", order=90,
                needs_workspace=False,
            ),
            NavItem(
                "workspaces.profile", "person", _("Profile"), icon="circle-user", url_name="workspaces:profile",
                order=10, shortcut="g u", needs_workspace=False, words=(_("language"), _("time zone"), _("theme")),
            ),
            NavItem(
                "workspaces.tokens", "person", _("API tokens"), icon="key-round", url_name="workspaces:tokens",
                order=20, shortcut="g k",
            ),
            NavItem(
                "workspaces.system", "server", pgettext_lazy("page", "System"), icon="server",
                url_name="workspaces:system", order=90, shortcut="g y", needs_workspace=False, visible=owns_server,
            ),
        ):  # fmt: skip
            navigation.register(item)
