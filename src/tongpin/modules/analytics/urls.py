from django.urls import path

from tongpin.modules.analytics.views import customer, person, source, tracker

app_name = "analytics"

_SOURCE = "w/<slug:slug>/settings/sources/<uuid:source>/"
_KEY = _SOURCE + "keys/<uuid:source_key>/"

_CUSTOMER = "w/<slug:slug>/customers/<uuid:customer>/"
_USER = "w/<slug:slug>/users/<slug:handle>/"

urlpatterns = [
    path("t.js", tracker.script, name="tracker"),
    path("w/<slug:slug>/users/", person.users, name="users"),
    path(_USER, person.user, name="user"),
    path("w/<slug:slug>/customers/", customer.customers, name="customers"),
    path(_CUSTOMER, customer.customer, name="customer"),
    path(_CUSTOMER + "owner/", customer.give, name="customer_give"),
    path("w/<slug:slug>/settings/sources/", source.sources, name="sources"),
    path(_SOURCE, source.source, name="source"),
    path(_SOURCE + "pause/", source.pause, name="source_pause"),
    path(_SOURCE + "resume/", source.resume, name="source_resume"),
    path(_SOURCE + "delete/", source.delete, name="source_delete"),
    path(_SOURCE + "keys/", source.new_key, name="key_new"),
    path(_SOURCE + "keys/own/", source.own_key, name="key_own"),
    path(_KEY + "retire/", source.retire_key, name="key_retire"),
    path(_KEY + "revive/", source.revive_key, name="key_revive"),
]
