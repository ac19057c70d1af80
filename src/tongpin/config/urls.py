"""Every address of the server."""

from importlib.util import find_spec

from django.urls import include, path

from tongpin.config import views

urlpatterns = [
    path("undo/", views.undo, name="undo"),
]
if find_spec("tongpin.kernel.store.client"):
    from tongpin.config import health

    urlpatterns += [
        path("healthz", health.alive, name="health-alive"),
        path("readyz", health.ready, name="health-ready"),
        path("metrics", health.metrics, name="health-metrics"),
    ]
for prefix, module in (
    ("", "tongpin.ui.urls"),
    ("", "tongpin.config.files"),
    ("", "tongpin.config.palette"),
    ("", "tongpin.modules.workspaces.urls"),
    ("", "tongpin.modules.notifications.urls"),
    ("", "tongpin.modules.goals.urls"),
):
    if find_spec(module):
        urlpatterns.append(path(prefix, include(module)))
if find_spec("tongpin.config.api"):
    from tongpin.config.api import urlpatterns as api_patterns

    urlpatterns += api_patterns

handler404 = "tongpin.config.views.not_found"
handler500 = "tongpin.config.views.server_error"
