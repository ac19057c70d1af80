from django.apps import AppConfig


class SearchConfig(AppConfig):
    name = "tongpin.kernel.search"
    label = "search"

    def ready(self) -> None:
        from tongpin.kernel.events import relay
        from tongpin.kernel.search import documents

        relay.subscribe("search", documents.on_events, imports=True)
