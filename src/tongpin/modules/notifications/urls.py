from django.urls import path

from tongpin.modules.notifications import views

app_name = "notifications"

urlpatterns = [
    path("w/<slug:slug>/inbox/", views.inbox, name="inbox"),
    path("w/<slug:slug>/inbox/bell/", views.bell, name="bell"),
    path("w/<slug:slug>/inbox/newer/", views.newer, name="newer"),
    path("w/<slug:slug>/inbox/read-all/", views.read_all, name="read_all"),
    path("w/<slug:slug>/inbox/<uuid:notification>/", views.open_one, name="open"),
    path("w/<slug:slug>/inbox/<uuid:notification>/<slug:verb>/", views.change, name="change"),
    path("w/<slug:slug>/settings/notifications/", views.preferences, name="preferences"),
]
