"""Giving out uploaded files: never as something a browser would run."""

from __future__ import annotations

import uuid
from typing import cast

from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseNotModified
from django.http.response import HttpResponseBase
from django.urls import path
from django.views.decorators.http import require_safe

from tongpin.kernel.files import public
from tongpin.kernel.files.models import Kind
from tongpin.ui.access import signed_in


@require_safe
@signed_in
def file(request: HttpRequest, public_id: uuid.UUID, name: str) -> HttpResponse:
    """The bytes of a file this person may see. Pictures we drew ourselves show in a page; all else is
    downloaded.

    The name in the address is for people; what is saved is the name on record.
    """
    stored = public.fetch(request.actor, public_id)  # type: ignore[attr-defined]
    tag = f'"{stored.sha256}"'
    picture = stored.kind == Kind.PICTURE
    answer: HttpResponseBase
    if request.headers.get("If-None-Match") == tag:
        answer = HttpResponseNotModified()
    else:
        answer = FileResponse(
            public.open_file(stored),
            as_attachment=not picture,
            filename=stored.name,
            content_type=stored.media_type,
        )
        answer.headers["X-Content-Type-Options"] = "nosniff"
        answer.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
        answer.headers["Cross-Origin-Resource-Policy"] = "same-origin"
    answer.headers["ETag"] = tag
    # A file never changes, but who may see it does: attachments are asked for each time.
    answer.headers["Cache-Control"] = "private, max-age=86400" if picture else "private, no-cache"
    return cast(HttpResponse, answer)


urlpatterns = [path("files/<uuid:public_id>/<str:name>", file, name="file")]
