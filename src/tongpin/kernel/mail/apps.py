from django.apps import AppConfig


class MailConfig(AppConfig):
    name = "tongpin.kernel.mail"
    label = "mail"

    def ready(self) -> None:
        from tongpin.kernel.mail import jobs  # noqa: F401  registers the nightly clearing
