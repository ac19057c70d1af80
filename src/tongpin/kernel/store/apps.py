from django.apps import AppConfig


class StoreConfig(AppConfig):
    """No models: an app only so that its messages are found. The schema is ``schema``'s, not Django's."""

    name = "tongpin.kernel.store"
    label = "store"

    def ready(self) -> None:
        from tongpin.kernel.events import relay
        from tongpin.kernel.store import subscriber

        relay.subscribe(subscriber.NAME, subscriber.take, imports=True, outside=True)
