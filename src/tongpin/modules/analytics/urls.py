from django.urls import path

from tongpin.modules.analytics import views

app_name = "analytics"

urlpatterns = [
    path("w/<slug:slug>/settings/sources/", views.sources, name="sources"),
]
