from django.urls import path

from tongpin.modules.analytics.views import (
    alert,
    catalogue,
    customer,
    event_file,
    event_import,
    insight,
    insight_template,
    marker,
    person,
    privacy,
    segment,
    segment_new,
    source,
    tracker,
    web,
)

app_name = "analytics"

_SOURCE = "w/<slug:slug>/settings/sources/<uuid:source>/"
_IMPORTS = _SOURCE + "imports/"
_FILE = _IMPORTS + "files/<uuid:event_file>/"
_IMPORT = _IMPORTS + "<uuid:event_import>/"
_KEY = _SOURCE + "keys/<uuid:source_key>/"
_INSIGHT = "w/<slug:slug>/data/insights/<uuid:insight>/"
_ALERTS = "w/<slug:slug>/data/alerts/"
_ALERT = _ALERTS + "<uuid:alert>/"
_MARKERS = "w/<slug:slug>/data/markers/"
_SEGMENT = "w/<slug:slug>/data/segments/<uuid:segment>/"
_EVENT = "w/<slug:slug>/data/events/<uuid:event_name>/"

_CUSTOMER = "w/<slug:slug>/customers/<uuid:customer>/"
_USER = "w/<slug:slug>/users/<slug:handle>/"

urlpatterns = [
    path("t.js", tracker.script, name="tracker"),
    path("w/<slug:slug>/users/", person.users, name="users"),
    path(_USER, person.user, name="user"),
    path("w/<slug:slug>/customers/", customer.customers, name="customers"),
    path(_CUSTOMER, customer.customer, name="customer"),
    path(_USER + "export/", privacy.export_user, name="user_export"),
    path(_USER + "erase/", privacy.erase_user, name="user_erase"),
    path(_CUSTOMER + "export/", privacy.export_customer, name="customer_export"),
    path(_CUSTOMER + "erase/", privacy.erase_customer, name="customer_erase"),
    path("w/<slug:slug>/exports/<uuid:export>/", privacy.export, name="export"),
    path("w/<slug:slug>/exports/<uuid:export>/file/", privacy.file, name="export_file"),
    path("w/<slug:slug>/erasures/<uuid:erasure>/", privacy.erasure, name="erasure"),
    path(_CUSTOMER + "owner/", customer.give, name="customer_give"),
    path("w/<slug:slug>/data/", insight.insights, name="insights"),
    path("w/<slug:slug>/data/new/<slug:insight_kind>/", insight.new, name="insight_new"),
    path("w/<slug:slug>/data/insights/", insight.save, name="insight_save"),
    path(_INSIGHT, insight.insight, name="insight"),
    path(_INSIGHT + "change/", insight.change, name="insight_change"),
    path(_INSIGHT + "delete/", insight.delete, name="insight_delete"),
    path(_ALERTS, alert.alerts, name="alerts"),
    path(_ALERT, alert.alert, name="alert"),
    path(_ALERT + "pause/", alert.pause, name="alert_pause"),
    path(_ALERT + "resume/", alert.resume, name="alert_resume"),
    path(_ALERT + "mute/", alert.mute, name="alert_mute"),
    path(_ALERT + "owner/", alert.owner, name="alert_owner"),
    path(_ALERT + "delete/", alert.delete, name="alert_delete"),
    path(_INSIGHT + "alert/", alert.new, name="alert_new"),
    path(_INSIGHT + "alert/preview/", alert.preview, name="alert_preview"),
    path(_MARKERS, marker.marker_list, name="markers"),
    path(_MARKERS + "markers.csv", marker.file, name="markers_file"),
    path(_MARKERS + "add/", marker.add, name="note_add"),
    path(_MARKERS + "choose/", marker.choose, name="markers_choose"),
    path(_MARKERS + "settle/", marker.settle, name="markers_settle"),
    path(_MARKERS + "<uuid:note>/", marker.note, name="note"),
    path(_MARKERS + "<uuid:note>/delete/", marker.delete, name="note_delete"),
    path("w/<slug:slug>/data/people/", insight.behind, name="behind"),
    path("w/<slug:slug>/data/segments/", segment.segments, name="segments"),
    path("w/<slug:slug>/data/segments/new/", segment_new.new, name="segment_new"),
    path("w/<slug:slug>/data/segments/save/", segment_new.save, name="segment_save"),
    path("w/<slug:slug>/data/segments/upload/", segment_new.upload, name="segment_upload"),
    path("w/<slug:slug>/data/segments/keep/", segment_new.keep, name="segment_keep"),
    path(_SEGMENT, segment.segment, name="segment"),
    path(_SEGMENT + "rule/", segment_new.rule, name="segment_rule"),
    path(_SEGMENT + "change/", segment.change, name="segment_change"),
    path(_SEGMENT + "delete/", segment.delete, name="segment_delete"),
    path(_SEGMENT + "members.csv", segment.file, name="segment_file"),
    path("w/<slug:slug>/data/templates/", insight_template.templates, name="templates"),
    path("w/<slug:slug>/data/templates/<slug:template>/", insight_template.open_template, name="template"),
    path("w/<slug:slug>/data/web/", web.web, name="web"),
    path("w/<slug:slug>/data/web/now/", web.web_now, name="web_now"),
    path("w/<slug:slug>/data/web/<slug:box>/", web.web_box, name="web_box"),
    path("w/<slug:slug>/data/events/", catalogue.events, name="events"),
    path("w/<slug:slug>/data/events/events.csv", catalogue.file, name="events_file"),
    path(_EVENT, catalogue.event, name="event"),
    path(_EVENT + "owner/", catalogue.owner, name="event_owner"),
    path(_EVENT + "hide/", catalogue.hide, name="event_hide"),
    path(_EVENT + "show/", catalogue.show, name="event_show"),
    path(_EVENT + "properties/", catalogue.plan_property, name="property_plan"),
    path(_EVENT + "properties/<uuid:event_property>/", catalogue.event_property, name="property"),
    path("w/<slug:slug>/settings/sources/", source.sources, name="sources"),
    path(_SOURCE, source.source, name="source"),
    path(_SOURCE + "live/", source.live, name="source_live"),
    path(_SOURCE + "pause/", source.pause, name="source_pause"),
    path(_SOURCE + "resume/", source.resume, name="source_resume"),
    path(_SOURCE + "delete/", source.delete, name="source_delete"),
    path(_SOURCE + "keys/", source.new_key, name="key_new"),
    path(_SOURCE + "keys/own/", source.own_key, name="key_own"),
    path(_IMPORTS, event_import.imports, name="imports"),
    path(_IMPORTS + "files/", event_file.begin, name="files"),
    path(_FILE, event_file.file, name="file"),
    path(_FILE + "part/", event_file.part, name="file_part"),
    path(_FILE + "start/", event_file.start, name="file_start"),
    path(_FILE + "forget/", event_file.forget, name="file_forget"),
    path(_IMPORT, event_import.show, name="import"),
    path(_IMPORT + "stop/", event_import.stop, name="import_stop"),
    path(_IMPORT + "resume/", event_import.resume, name="import_resume"),
    path(_IMPORT + "undo/", event_import.undo, name="import_undo"),
    path(_IMPORT + "refused.csv", event_import.refused, name="import_refused"),
    path(_KEY + "retire/", source.retire_key, name="key_retire"),
    path(_KEY + "revive/", source.revive_key, name="key_revive"),
]
