from __future__ import annotations

import hashlib

import pytest

from tongpin.kernel import objects
from tongpin.kernel.files.models import Kind, StoredFile
from tongpin.kernel.search.tests.notes import card, happened, member_text, note_text
from tongpin.kernel.tenancy.models import Membership


@pytest.fixture(autouse=True)
def _types():
    kept = dict(objects._types)
    objects._types.clear()
    objects.register(StoredFile, label="note", plural="notes", icon="file", card=card, search=note_text)
    objects.register(
        Membership,
        label="member",
        plural="members",
        icon="user",
        card=card,
        search=member_text,
        related=("user",),
    )
    yield
    objects._types.clear()
    objects._types.update(kept)


@pytest.fixture
def note(people):
    """``note("title", "body")``: a row of acme with that text and the event that tells of it."""

    def write(title, body="", *, workspace=None, uploader=None):
        workspace = workspace or people.workspace
        row = StoredFile.objects.create(
            workspace=workspace,
            uploader=uploader,
            kind=Kind.ATTACHMENT,
            name=f"{title}\n{body}",
            size=1,
            sha256=hashlib.sha256(title.encode("utf-8", "replace")).hexdigest(),
            media_type="text/plain",
        )
        happened(row)
        return row

    return write
