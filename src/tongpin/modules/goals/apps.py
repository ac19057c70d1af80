from django.apps import AppConfig


class GoalsConfig(AppConfig):
    name = "tongpin.modules.goals"
    label = "goals"

    def ready(self) -> None:
        from tongpin.modules.goals import actions, events, jobs, news, permissions, registration  # noqa: F401

        registration.register()
        news.register()
