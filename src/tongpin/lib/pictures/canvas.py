"""A sheet to draw on: text in a font that has the signs, smooth lines, the product's colours on white."""

from __future__ import annotations

import functools
import io
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

SCALE = 2
"""Pixels a unit: sharp on a phone's screen."""
SMOOTH = 2
"""Everything is drawn so many times larger and brought down: Pillow's own lines have steps."""

INK, MUTED, RULE, PAPER, ACCENT = "#1f2328", "#636c76", "#e3e6ea", "#ffffff", "#3d5fd0"
HUES = ("#3d5fd0", "#00817f", "#2c8150", "#92660a", "#b8482c", "#c03a63", "#a544a8", "#7454c6")
"""The light theme's eight hues (ui/css/tokens.css) in sRGB."""

# Fonts with Chinese signs that systems come with, and the face of a collection that writes them the mainland's way.
FONTS = (
    ("/usr/share/fonts", "NotoSansCJK-Regular.ttc", 2),
    ("/usr/share/fonts", "NotoSansSC-Regular.otf", 0),
    ("/usr/share/fonts", "SourceHanSansSC-Regular.otf", 0),
    ("/usr/share/fonts", "SourceHanSansCN-Regular.otf", 0),
    ("/usr/share/fonts", "wqy-microhei.ttc", 0),
    ("/usr/share/fonts", "wqy-zenhei.ttc", 0),
    ("/usr/share/fonts", "DroidSansFallback.ttf", 0),
    ("/System/Library/Fonts", "PingFang.ttc", 0),
    ("/System/Library/Fonts", "Hiragino Sans GB.ttc", 0),
    ("C:/Windows/Fonts", "msyh.ttc", 0),
    ("C:/Windows/Fonts", "simhei.ttf", 0),
)

Point = tuple[float, float]


@functools.cache
def found_font() -> tuple[Path, int] | None:
    """The first of FONTS this machine has, and its face; None if it has none."""
    for folder, name, face in FONTS:
        place = Path(folder)
        path = next(iter(sorted(place.rglob(name))), None) if place.is_dir() else None
        if path is not None:
            return path, face
    return None


class Canvas:
    """``width`` by ``height`` units, white. Texts the font cannot write get a mark instead, told in ``legend``."""

    def __init__(self, width: int, height: int, font: tuple[Path, int] | None) -> None:
        self._size = (width * SCALE, height * SCALE)
        self._factor = SCALE * SMOOTH
        self._image = Image.new("RGB", (width * self._factor, height * self._factor), PAPER)
        self._draw = ImageDraw.Draw(self._image)
        self._font = font
        self._fonts: dict[int, ImageFont.FreeTypeFont] = {}
        self.legend: dict[str, str] = {}

    def _face(self, size: int) -> ImageFont.FreeTypeFont:
        if size not in self._fonts:
            pixels = size * self._factor
            if self._font is not None:
                face = ImageFont.truetype(str(self._font[0]), pixels, index=self._font[1])
            else:
                default = ImageFont.load_default(pixels)
                assert isinstance(default, ImageFont.FreeTypeFont)  # Pillow's own Latin font, in its package
                face = default
            self._fonts[size] = face
        return self._fonts[size]

    def written(self, text: str) -> str:
        """The text as it can be written: without signs no font has, or its mark, which ``legend`` explains."""
        flat = " ".join("".join(sign for sign in text if ord(sign) < 0x1F000 and sign.isprintable()).split())
        if self._font is not None or all(ord(sign) < 0x250 or sign in "–—…·" for sign in flat):
            return flat
        known = next((mark for mark, said in self.legend.items() if said == text), None)
        mark = known or f"#{len(self.legend) + 1}"
        self.legend[mark] = text
        return mark

    def width(self, text: str, size: int = 12) -> float:
        """How wide a text (as ``written``) is, in units."""
        return self._face(size).getlength(text) / self._factor

    def cut(self, text: str, room: float, size: int = 12) -> str:
        """The text as it can be written, shortened to ``room`` units."""
        said = self.written(text)
        if self.width(said, size) <= room:
            return said
        low, high = 0, len(said)
        while low < high:
            middle = (low + high + 1) // 2
            low, high = (middle, high) if self.width(said[:middle] + "…", size) <= room else (low, middle - 1)
        return said[:low].rstrip() + "…" if low else ""

    def text(self, at: Point, said: str, size: int = 12, colour: str = INK, anchor: str = "la") -> None:
        """Text as ``written`` or ``cut`` gave it. ``anchor`` as Pillow has it: l/m/r, then a (top), m, s (baseline)."""
        place = (at[0] * self._factor, at[1] * self._factor)
        self._draw.text(place, said, font=self._face(size), fill=colour, anchor=anchor)

    def box(
        self, corner: Point, size: Point, colour: str, *, outline: str | None = None, round_: float = 0
    ) -> None:
        x, y = corner
        corners = [each * self._factor for each in (x, y, x + max(size[0], 0), y + max(size[1], 0))]
        self._draw.rounded_rectangle(
            corners, radius=round_ * self._factor, fill=colour, outline=outline, width=self._factor // 2
        )

    def line(self, points: Sequence[Point], colour: str, width: float = 1, *, dashed: bool = False) -> None:
        """Joined points; a single one is a dot."""
        scaled = [(x * self._factor, y * self._factor) for x, y in points]
        thick = max(1, round(width * self._factor))
        if len(scaled) == 1:
            (x, y), r = scaled[0], thick * 1.4
            self._draw.ellipse((x - r, y - r, x + r, y + r), fill=colour)
        elif not dashed:
            self._draw.line(scaled, fill=colour, width=thick, joint="curve")
        else:
            for part in _dashes(scaled, 5 * self._factor):
                self._draw.line(part, fill=colour, width=thick)

    def png(self) -> bytes:
        """The sheet as a PNG of 256 colours: a tenth of the size, and no eye tells it from the whole."""
        small = self._image.resize(self._size, Image.Resampling.LANCZOS)
        kept = io.BytesIO()
        small.quantize(256, dither=Image.Dither.NONE).save(kept, "PNG", optimize=True)
        return kept.getvalue()


def _dashes(points: Sequence[Point], length: float) -> list[list[Point]]:
    """Every second piece of so many pixels along the joined points."""
    parts: list[list[Point]] = []
    on, left, part = True, length, [points[0]]
    for begin, end in pairwise(points):
        (x, y), (to_x, to_y) = begin, end
        whole = ((to_x - x) ** 2 + (to_y - y) ** 2) ** 0.5
        gone = 0.0
        while whole - gone > left:
            gone += left
            place = (x + (to_x - x) * gone / whole, y + (to_y - y) * gone / whole)
            if on:
                parts.append([*part, place])
            on, left, part = not on, length, [place]
        left -= whole - gone
        part.append(end)
    if on and len(part) > 1:
        parts.append(part)
    return parts
