"""Every address of the server."""

from django.urls import include, path

from tongpin.config import health, views
from tongpin.config.api import urlpatterns as api

urlpatterns = [
    path("healthz", health.alive, name="health-alive"),
    path("readyz", health.ready, name="health-ready"),
    path("metrics", health.metrics, name="health-metrics"),
    path("undo/", views.undo, name="undo"),
    *api,
    path("", include("tongpin.ui.urls")),
    path("", include("tongpin.config.files")),
    path("", include("tongpin.config.palette")),
    path("", include("tongpin.modules.workspaces.urls")),
    path("", include("tongpin.modules.notifications.urls")),
    path("", include("tongpin.modules.goals.urls")),
    path("", include("tongpin.modules.analytics.urls")),
    path("", include("tongpin.modules.relations.urls")),
    path("", include("tongpin.modules.digests.urls")),
    path("", include("tongpin.modules.discussions.urls")),
]

handler404 = "tongpin.config.views.not_found"
handler500 = "tongpin.config.views.server_error"
