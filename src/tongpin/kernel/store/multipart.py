"""``multipart/form-data`` as clickhouse-connect sends it: long parametrised queries and external tables."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

_BOUNDARY = re.compile(r'boundary="?([^";]+)"?', re.IGNORECASE)
_NAME = re.compile(rb'[; ]name="((?:[^"\\]|\\.)*)"')
_FILENAME = re.compile(rb"filename\*?=", re.IGNORECASE)


@dataclass
class Form:
    """Plain ``fields`` as text, ``files`` as bytes, both by name."""

    fields: dict[str, str] = field(default_factory=dict)
    files: dict[str, bytes] = field(default_factory=dict)


def parse(content_type: str, body: bytes) -> Form:
    """Split a form body. Raises ValueError if it is not well-formed."""
    found = _BOUNDARY.search(content_type)
    if not found:
        raise ValueError("multipart/form-data without a boundary")
    line = b"\r\n--" + found.group(1).encode("latin-1")
    pieces = (b"\r\n" + body).split(line)
    if len(pieces) < 2 or not pieces[-1].startswith(b"--"):
        raise ValueError("multipart/form-data ends early")
    form = Form()
    for piece in pieces[1:-1]:
        head, separator, content = piece.partition(b"\r\n\r\n")
        name = _NAME.search(head)
        if not separator or not name:
            raise ValueError("a part of the form has no name")
        key = name.group(1).decode()
        if _FILENAME.search(head):
            form.files[key] = content
        else:
            form.fields[key] = content.decode()
    return form
