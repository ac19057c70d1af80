from django.apps import AppConfig


class UiConfig(AppConfig):
    """The design system, the page shell and the islands."""

    name = "tongpin.ui"
    label = "ui"
