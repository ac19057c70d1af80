from django.apps import AppConfig


class EventsConfig(AppConfig):
    name = "tongpin.kernel.events"
    label = "events"
