"""What this module says happened: once to each of the two objects, so that the stream of either tells it.

Neither holds a word of the other object: who reads the one may not be allowed to see the other.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass

from tongpin.kernel.events.payloads import event


@event("relations.relation_added")
@dataclass(frozen=True)
class RelationAdded:
    """``backward``: the subject is the end that is blocked, caused, answered or duplicated."""

    relation: uuid.UUID
    kind: str
    backward: bool
    other_type: str
    other_id: uuid.UUID


@event("relations.relation_removed")
@dataclass(frozen=True)
class RelationRemoved:
    """As when it was added."""

    relation: uuid.UUID
    kind: str
    backward: bool
    other_type: str
    other_id: uuid.UUID
