from django.urls import path

from tongpin.modules.discussions.views import about, comment, notice

app_name = "discussions"

_ABOUT = "w/<slug:slug>/discussions/<str:about_type>/<uuid:about_id>/"
_COMMENT = "w/<slug:slug>/comments/<uuid:comment>/"

urlpatterns = [
    path("w/<slug:slug>/discussions/<uuid:discussion>/", about.lead, name="discussion"),
    path(_ABOUT, about.panel, name="panel"),
    path(f"{_ABOUT}write/", about.write, name="write"),
    path(f"{_ABOUT}preview/", about.preview, name="preview"),
    path(f"{_ABOUT}people/", about.people, name="people"),
    path(f"{_ABOUT}files/", about.add_file, name="files"),
    path(f"{_ABOUT}watch/", notice.watch, name="watch"),
    path(f"{_ABOUT}nudge/", notice.nudge, name="nudge"),
    path(f"{_ABOUT}cc/", notice.cc, name="cc"),
    path(_COMMENT, comment.lead, name="comment"),
    path(f"{_COMMENT}reply/", comment.reply, name="reply"),
    path(f"{_COMMENT}edit/", comment.edit, name="edit"),
    path(f"{_COMMENT}history/", comment.history, name="history"),
    path(f"{_COMMENT}delete/", comment.delete, name="delete"),
    path(f"{_COMMENT}resolve/", comment.resolve, name="resolve"),
    path(f"{_COMMENT}react/", comment.react, name="react"),
]
