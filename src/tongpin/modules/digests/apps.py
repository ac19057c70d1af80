from django.apps import AppConfig


class DigestsConfig(AppConfig):
    """News of a project, posted into the groups where people are."""

    name = "tongpin.modules.digests"
    label = "digests"

    def ready(self) -> None:
        from tongpin.modules.digests import actions, jobs, permissions, registration, report_registration  # noqa: F401

        registration.register()
        report_registration.register()
