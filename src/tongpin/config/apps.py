from django.apps import AppConfig


class TongpinConfig(AppConfig):
    name = "tongpin.config"
    label = "config"

    def ready(self) -> None:
        from tongpin.config import jobs  # noqa: F401  registers the rescue of jobs and the nightly sweep
