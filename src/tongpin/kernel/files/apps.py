from django.apps import AppConfig


class FilesConfig(AppConfig):
    name = "tongpin.kernel.files"
    label = "files"

    def ready(self) -> None:
        from tongpin.kernel.files import jobs  # noqa: F401  registers the nightly sweep
