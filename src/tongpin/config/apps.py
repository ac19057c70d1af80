from django.apps import AppConfig


class TongpinConfig(AppConfig):
    name = "tongpin.config"
    label = "config"

    def ready(self) -> None:
        from tongpin.config import handlers
        from tongpin.kernel.events import relay

        relay.subscribe("store", handlers.copy_to_store, imports=True)
