"""How an avatar or a logo is addressed."""

from __future__ import annotations

import uuid

from django.urls import reverse


def url_of(picture: uuid.UUID | None) -> str:
    """The picture's URL, or "" when there is no picture."""
    return reverse("file", args=[picture, "picture.webp"]) if picture else ""
