from django.apps import AppConfig


class UpkeepConfig(AppConfig):
    """What was done to keep this server whole, and how it went."""

    name = "tongpin.kernel.upkeep"
    label = "upkeep"
