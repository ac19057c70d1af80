"""Keeping and giving out files. Call ``store`` or ``store_picture`` inside the action that uses the file."""

from __future__ import annotations

import io
import uuid
from typing import IO

from django.db import connection, models, transaction
from django.urls import reverse
from django.utils.translation import gettext as _

from tongpin.kernel import objects
from tongpin.kernel.errors import Invalid, NotFound
from tongpin.kernel.files import blobs, names, pictures, sniffing
from tongpin.kernel.files.models import Kind, StoredFile
from tongpin.kernel.files.pictures import Shape
from tongpin.kernel.tenancy.actor import Actor
from tongpin.kernel.tenancy.models import Workspace

__all__ = [
    "ATTACHMENT_LIMIT",
    "PICTURE_LIMIT",
    "Shape",
    "fetch",
    "open_file",
    "remove",
    "store",
    "store_picture",
    "url",
]

#: Bytes. Pictures are what people send, before they are drawn anew.
ATTACHMENT_LIMIT = 100 * 1024 * 1024
PICTURE_LIMIT = 10 * 1024 * 1024
#: Held shared by transactions that store, alone by the sweep (``sweeping``).
STORE_LOCK = 0x746F6E67


def store(
    actor: Actor,
    content: IO[bytes],
    name: str,
    *,
    subject: models.Model | None = None,
    limit: int = ATTACHMENT_LIMIT,
) -> StoredFile:
    """Keep an attachment of the actor's workspace; ``subject`` is the row it hangs on.

    The bytes are on the disk when this returns; they count once the caller's transaction commits.
    Raises Invalid (``file_too_large``, ``file_empty``).
    """
    return _keep(
        actor,
        content,
        names.clean(name),
        limit,
        Kind.ATTACHMENT,
        actor.workspace,
        subject=subject,
        media_type=None,
    )


def store_picture(
    actor: Actor, content: IO[bytes], name: str, shape: Shape, *, workspace: Workspace | None = None
) -> StoredFile:
    """Keep a picture, drawn anew as WebP in ``shape``: a workspace's, or (``workspace`` None) the person's
    own.

    Raises Invalid for what is not a picture (``picture_unreadable``) or too large a one.
    """
    raw = content.read(PICTURE_LIMIT + 1)
    if len(raw) > PICTURE_LIMIT:
        raise _too_large(PICTURE_LIMIT)
    drawn = pictures.redraw(io.BytesIO(raw), shape)
    name = names.clean(name.rpartition(".")[0] or name) + ".webp"
    return _keep(
        actor,
        io.BytesIO(drawn),
        name,
        PICTURE_LIMIT * 4,
        Kind.PICTURE,
        workspace,
        media_type=pictures.MEDIA_TYPE,
    )


def _keep(
    actor: Actor,
    content: IO[bytes],
    name: str,
    limit: int,
    kind: Kind,
    workspace: Workspace | None,
    *,
    media_type: str | None,
    subject: models.Model | None = None,
) -> StoredFile:
    with transaction.atomic():
        with connection.cursor() as cursor:
            # Until this transaction ends the sweep leaves the blob alone, though no row can be seen yet.
            cursor.execute("SELECT pg_advisory_xact_lock_shared(%s)", [STORE_LOCK])
        try:
            blob = blobs.write(content, limit)
        except blobs.TooLarge:
            raise _too_large(limit) from None
        if blob.size == 0:
            raise Invalid(_("This file is empty."), code="file_empty", field="file")
        return StoredFile.objects.create(
            workspace=workspace,
            uploader=actor.user,
            kind=kind,
            name=name,
            size=blob.size,
            sha256=blob.sha256,
            media_type=media_type or sniffing.media_type(blob.head),
            subject_type=subject._meta.label_lower if subject is not None else "",
            subject_id=subject.public_id if subject is not None else None,  # type: ignore[attr-defined]
        )


def _too_large(limit: int) -> Invalid:
    return Invalid(
        _("This file is larger than %(limit)d MB.") % {"limit": limit // (1024 * 1024)},
        code="file_too_large",
        field="file",
    )


def fetch(actor: Actor, public_id: uuid.UUID) -> StoredFile:
    """The file, if this actor may have it. Raises NotFound otherwise; Denied where a workspace's security settings
    keep them out of it and so of its attachments (its logo they see in the list of their workspaces).
    """
    file = StoredFile.objects.select_related("workspace").filter(public_id=public_id).first()
    if file is None:
        raise NotFound
    if file.subject_id is None:
        if not StoredFile.objects.visible_to(actor).filter(pk=file.pk).exists():
            raise NotFound
        if file.kind == Kind.ATTACHMENT and file.workspace is not None and actor.user is not None:
            _inside(actor, file)
        return file
    objects.find(_inside(actor, file), file.subject_type, file.subject_id)
    return file


def _inside(actor: Actor, file: StoredFile) -> Actor:
    """The actor in the file's workspace."""
    if file.workspace is None or actor.user is None:
        raise NotFound
    if actor.workspace == file.workspace:
        return actor
    return Actor.in_workspace(actor.user, file.workspace.slug, ip=actor.ip)


def open_file(file: StoredFile) -> IO[bytes]:
    """The bytes, to be closed by the caller. Raises NotFound if the disk has lost them."""
    try:
        return blobs.path(file.sha256).open("rb")
    except FileNotFoundError:
        raise NotFound from None


def url(file: StoredFile) -> str:
    """The address the file is served at."""
    return reverse("file", args=[file.public_id, file.name])


def remove(public_id: uuid.UUID | None) -> None:
    """Forget a file (a replaced avatar). Its bytes go with the next sweep, if nobody else's row names
    them."""
    if public_id is not None:
        StoredFile.objects.filter(public_id=public_id).delete()
