from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class DiscussionsConfig(AppConfig):
    """Comments, mentions, reactions and watchers on any object."""

    name = "tongpin.modules.discussions"
    label = "discussions"

    def ready(self) -> None:
        from tongpin.kernel import objects
        from tongpin.kernel.events import relay
        from tongpin.modules.discussions import (  # noqa: F401  actions register themselves
            actions,
            cards,
            events,
            handlers,
            jobs,
            news,
            panel,
            permissions,
            subjects,
        )
        from tongpin.modules.discussions.models import Comment, Discussion
        from tongpin.modules.workspaces.public import leads_of
        from tongpin.ui import panels

        objects.register(
            Discussion,
            label=_("Discussion"),
            plural=_("Discussions"),
            icon="message-square-text",
            card=cards.of_discussion,
            search=cards.search,
            related=("workspace",),
            private=True,
            about=lambda row: objects.unscoped(row.subject_type, row.workspace, row.subject_id),
        )
        objects.register(
            Comment,
            label=_("Comment"),
            plural=_("Comments"),
            icon="message-square-text",
            card=cards.of_comment,
            related=("workspace",),
            private=True,
        )
        subjects.followed_by("workspaces.project", leads_of)
        news.register()
        relay.subscribe("discussions.titles", handlers.on_events, acts=True)
        panels.register_everywhere(panel.render, order=90, except_for=subjects.NOT_DISCUSSED)
