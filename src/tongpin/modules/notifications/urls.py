from django.urls import path

from tongpin.modules.notifications.views import browsers, preferences, unsubscribe
from tongpin.modules.notifications.views import inbox as views

app_name = "notifications"

urlpatterns = [
    path("w/<slug:slug>/inbox/", views.inbox, name="inbox"),
    path("w/<slug:slug>/inbox/bell/", views.bell, name="bell"),
    path("w/<slug:slug>/inbox/newer/", views.newer, name="newer"),
    path("w/<slug:slug>/inbox/read-all/", views.read_all, name="read_all"),
    path("w/<slug:slug>/inbox/sort/", views.sort_many, name="sort"),
    path("w/<slug:slug>/inbox/shown/", views.shown, name="shown"),
    path("w/<slug:slug>/inbox/<uuid:notification>/", views.open_one, name="open"),
    path("w/<slug:slug>/inbox/<uuid:notification>/<slug:verb>/", views.change, name="change"),
    path("w/<slug:slug>/settings/notifications/", preferences.preferences, name="preferences"),
    path("w/<slug:slug>/settings/notifications/mail/", preferences.rhythm, name="rhythm"),
    path("w/<slug:slug>/settings/notifications/browsers/", browsers.add, name="add_browser"),
    path(
        "w/<slug:slug>/settings/notifications/browsers/<uuid:browser>/remove/",
        browsers.remove,
        name="remove_browser",
    ),
    path("w/<slug:slug>/settings/notifications/unmute/<uuid:muted>/", preferences.unmute, name="unmute"),
    path("sw.js", browsers.script, name="script"),
    path("unsubscribe/<str:token>/", unsubscribe.unsubscribe, name="unsubscribe"),
]
