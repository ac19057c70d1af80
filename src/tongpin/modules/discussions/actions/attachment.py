"""Files in comments: kept with the discussion, so that whoever sees its object sees them."""

from __future__ import annotations

import io

from pydantic import Field

from tongpin.kernel.actions.registry import action
from tongpin.kernel.files import public as files
from tongpin.kernel.files.models import StoredFile
from tongpin.kernel.tenancy.actor import Actor
from tongpin.modules.discussions.actions.about import About, open_discussion

LIMIT = 25 * 1024 * 1024
"""Bytes of one file: comments are for screenshots and tables."""


class AddFile(About):
    """The bytes and the name they had."""

    name: str = Field(min_length=1, max_length=255)
    content: bytes = Field(repr=False)


@action("discussions.file.add", permission="discussions.comment.write", api=False)
def add_file(actor: Actor, data: AddFile) -> StoredFile:
    """Keep a file for a comment about the object; the comment's text then names it (``file:<id>``)."""
    _row, discussion = open_discussion(actor, data)
    return files.store(actor, io.BytesIO(data.content), data.name, subject=discussion, limit=LIMIT)
