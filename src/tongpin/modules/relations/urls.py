from django.urls import path

from tongpin.modules.relations import views

app_name = "relations"

urlpatterns = [
    path("w/<slug:slug>/relations/<uuid:relation>/remove/", views.remove, name="remove"),
    path("w/<slug:slug>/relations/<str:kind>/<uuid:subject>/", views.of, name="of"),
    path("w/<slug:slug>/relations/<str:kind>/<uuid:subject>/add/", views.add, name="add"),
    path("w/<slug:slug>/relations/<str:kind>/<uuid:subject>/find/", views.find, name="find"),
]
