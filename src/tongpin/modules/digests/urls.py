from django.urls import path

from tongpin.modules.digests import views

app_name = "digests"

_PROJECT = "w/<slug:slug>/projects/<key:key>/robots/"
_ROBOT = _PROJECT + "<uuid:robot>/"

urlpatterns = [
    path("w/<slug:slug>/settings/robots/", views.everywhere, name="everywhere"),
    path(_PROJECT, views.robots, name="robots"),
    path(_ROBOT, views.robot, name="robot"),
    path(_ROBOT + "address/", views.connect, name="connect"),
    path(_ROBOT + "test/", views.test, name="test"),
    path(_ROBOT + "pause/", views.pause, name="pause"),
    path(_ROBOT + "resume/", views.resume, name="resume"),
    path(_ROBOT + "take-over/", views.take_over, name="take_over"),
    path(_ROBOT + "delete/", views.delete, name="delete"),
    path(_ROBOT + "messages/<uuid:message>/retry/", views.retry, name="retry"),
]
