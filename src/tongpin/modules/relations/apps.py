from django.apps import AppConfig


class RelationsConfig(AppConfig):
    """Links between any two objects."""

    name = "tongpin.modules.relations"
    label = "relations"

    def ready(self) -> None:
        from tongpin.modules.relations import (  # noqa: F401  actions and permissions register themselves
            actions,
            activity_words,
            panel,
            permissions,
        )
        from tongpin.modules.relations.queries import UNLINKED
        from tongpin.ui import panels

        activity_words.register()
        panels.register_everywhere(panel.shown, order=40, except_for=UNLINKED)
