"""How large a request and what is in it may be. Sizes are bytes after decompression."""

from __future__ import annotations

MIB = 1 << 20
BODY = 20 * MIB
EVENT = MIB
AI_EVENT = 8 * MIB
"""Events about language models carry their prompts."""
EVENTS = 20_000
"""Events in one request."""
VALUES = 3_000_000
"""Values in one request: every one is an object of tens of bytes in memory, however short its text."""
DEPTH = 64
"""Objects and lists inside each other, the request's own counted."""
PROPERTIES = 1_000
"""Properties of one event, of one person or customer."""
NAME = 200
"""Characters of the name of an event or a property, and of an id."""
KIND = 100
"""Characters of a kind of customer."""
