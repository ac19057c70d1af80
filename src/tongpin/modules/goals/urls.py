from django.urls import path

from tongpin.modules.goals.views import desk, home, lookback, lookbacks

app_name = "goals"
urlpatterns = [
    path("w/<slug:slug>/", home.home, name="home"),
    path("w/<slug:slug>/lookback/", lookbacks.index, name="lookbacks"),
    path("w/<slug:slug>/lookback/new/", desk.new, name="new"),
    path("w/<slug:slug>/lookback/<uuid:public_id>/", lookback.page, name="lookback"),
    path("w/<slug:slug>/lookback/<uuid:public_id>/peek/", lookback.peek, name="peek"),
    path("w/<slug:slug>/lookback/<uuid:public_id>/ask/", lookback.ask, name="ask"),
    path("w/<slug:slug>/lookback/<uuid:public_id>/rename/", lookback.rename, name="rename"),
    path("w/<slug:slug>/lookback/<uuid:public_id>/reading/", lookback.interpret, name="interpret"),
    path("w/<slug:slug>/lookback/<uuid:public_id>/delete/", lookback.delete, name="delete"),
    path("w/<slug:slug>/lookback/<uuid:public_id>/days.csv", lookback.days_csv, name="csv"),
]
