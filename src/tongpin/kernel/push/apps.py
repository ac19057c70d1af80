from django.apps import AppConfig


class PushConfig(AppConfig):
    name = "tongpin.kernel.push"
    label = "push"

    def ready(self) -> None:
        from tongpin.kernel import keyring
        from tongpin.kernel.push import keys

        keyring.register("push.key", keys.rewrite)
