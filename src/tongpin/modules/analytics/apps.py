from django.apps import AppConfig


class AnalyticsConfig(AppConfig):
    """What happens in the product: taken from every SDK, kept exactly once, asked of the store."""

    name = "tongpin.modules.analytics"
    label = "analytics"

    def ready(self) -> None:
        from tongpin.modules.analytics import (  # noqa: F401
            actions,
            dashboard_jobs,
            import_jobs,
            people_jobs,
            permissions,
            registration,
            segment_jobs,
        )

        registration.register()
