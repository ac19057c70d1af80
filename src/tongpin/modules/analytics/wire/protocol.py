"""What the capture endpoint may ask of a protocol."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from tongpin.modules.analytics.wire.call import Answer, Call, Dropped, Hit, Refused


@dataclass(frozen=True, slots=True)
class Protocol:
    """One way an SDK speaks to an address.

    ``decode(call)`` gives what the request says or raises ``Refused``, nothing else, whatever the bytes are.
    ``answer(call, hit, dropped)``: the hit, as ``decode`` gave it, is committed but for ``dropped``: all that were left
    out, ``hit.dropped`` and what the source's own rules refused. ``refuse(call, refused)``: nothing of the request is
    kept; the answer's status and shape are those that make this SDK send again what can still be taken and let go of
    what cannot. ``takes_events`` is False where the SDK only asks for its configuration: ``decode`` gives a hit without
    records, and the answer is the same whether a source has the key or not.
    """

    name: str
    decode: Callable[[Call], Hit]
    answer: Callable[[Call, Hit, Sequence[Dropped]], Answer]
    refuse: Callable[[Call, Refused], Answer]
    takes_events: bool = True
