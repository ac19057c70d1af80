"""Pictures people upload, drawn anew: whatever was hidden in the file, and where it was taken, stays
behind."""

from __future__ import annotations

import io
import warnings
from enum import Enum
from typing import IO

from django.utils.translation import gettext as _
from PIL import Image, ImageOps

from tongpin.kernel.errors import Invalid

FORMATS = ("PNG", "JPEG", "WEBP", "GIF")
MEDIA_TYPE = "image/webp"
#: 40 megapixels: more than any phone's photograph, and at most 160 MB while it is being drawn.
PIXELS = 40_000_000
SIDE = 16_000


class Shape(Enum):
    """The fixed sizes, in pixels: a square cut from the middle, or the whole fitted inside."""

    AVATAR = (256, 256, True)
    LOGO = (256, 256, False)
    WIDE = (1600, 1600, False)


def redraw(content: IO[bytes], shape: Shape) -> bytes:
    """The picture as WebP in that shape, upright, without metadata; the first frame of an animation.

    Raises Invalid for anything that is not a readable PNG, JPEG, WebP or GIF of at most PIXELS pixels.
    """
    width, height, cropped = shape.value
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)  # our own limit is below it
            with Image.open(content, formats=FORMATS) as picture:
                if picture.width * picture.height > PIXELS or max(picture.size) > SIDE:
                    raise Invalid(
                        _("This picture has too many pixels."), code="picture_too_large", field="file"
                    )
                picture.draft("RGB", (width * 2, height * 2))
                drawn = ImageOps.exif_transpose(picture)
                drawn = drawn.convert("RGBA" if drawn.has_transparency_data else "RGB")
    except Invalid:
        raise
    except Exception as error:  # a hostile file can make a decoder fail in any way
        raise Invalid(
            _("This file is not a picture we can read."),
            code="picture_unreadable",
            field="file",
            hint=_("Use a PNG, JPEG, WebP or GIF file."),
        ) from error
    if cropped:
        drawn = ImageOps.fit(drawn, (width, height), Image.Resampling.LANCZOS)
    else:
        drawn.thumbnail((width, height), Image.Resampling.LANCZOS)
    clean = Image.new(drawn.mode, drawn.size)
    clean.paste(drawn)
    out = io.BytesIO()
    clean.save(out, "WEBP", quality=85, method=4)
    return out.getvalue()
