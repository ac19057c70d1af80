from django.apps import AppConfig


class ActionsConfig(AppConfig):
    name = "tongpin.kernel.actions"
    label = "actions"
