from django.apps import AppConfig


class TenancyConfig(AppConfig):
    name = "tongpin.kernel.tenancy"
    label = "tenancy"
