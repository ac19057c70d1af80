from django.urls import path

from tongpin.modules.digests.views import report, robot

app_name = "digests"

_PROJECT = "w/<slug:slug>/projects/<key:key>/robots/"
_ROBOT = _PROJECT + "<uuid:robot>/"
_REPORTS = "w/<slug:slug>/data/dashboards/<uuid:dashboard>/reports/"
_REPORT = _REPORTS + "<uuid:report>/"

urlpatterns = [
    path("w/<slug:slug>/settings/robots/", robot.everywhere, name="everywhere"),
    path(_PROJECT, robot.robots, name="robots"),
    path(_ROBOT, robot.robot, name="robot"),
    path(_ROBOT + "address/", robot.connect, name="connect"),
    path(_ROBOT + "test/", robot.test, name="test"),
    path(_ROBOT + "pause/", robot.pause, name="pause"),
    path(_ROBOT + "resume/", robot.resume, name="resume"),
    path(_ROBOT + "take-over/", robot.take_over, name="take_over"),
    path(_ROBOT + "delete/", robot.delete, name="delete"),
    path(_ROBOT + "messages/<uuid:message>/retry/", robot.retry, name="retry"),
    path(_REPORTS, report.reports, name="reports"),
    path(_REPORT, report.report, name="report"),
    path(_REPORT + "picture.png", report.preview, name="report_preview"),
    path(_REPORT + "pause/", report.pause, name="report_pause"),
    path(_REPORT + "resume/", report.resume, name="report_resume"),
    path(_REPORT + "leave/", report.leave, name="report_leave"),
    path(_REPORT + "delete/", report.delete, name="report_delete"),
    path("share/pictures/<str:token>.png", report.picture, name="picture"),
]
