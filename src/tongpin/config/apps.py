from django.apps import AppConfig


class TongpinConfig(AppConfig):
    name = "tongpin.config"
    label = "config"
