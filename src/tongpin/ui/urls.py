from django.urls import path

from tongpin.ui import views

app_name = "ui"
urlpatterns = [
    path("i18n/<slug:language>.json", views.strings, name="catalogue"),
    path("appearance/", views.set_appearance, name="appearance"),
    path("language/", views.set_language, name="language"),
    path("gallery/", views.gallery, name="gallery"),
    path("gallery/people.json", views.gallery_people, name="gallery-people"),
]
