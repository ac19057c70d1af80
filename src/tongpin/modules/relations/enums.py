"""The closed sets of this module, and how they read from either end."""

from __future__ import annotations

from dataclasses import dataclass

from django.db import models
from django.utils.functional import Promise
from django.utils.translation import pgettext_lazy


class Kind(models.TextChoices):
    """What one object is to another. The label stands between them: “this *blocks* other”."""

    RELATES = "relates", pgettext_lazy("relation", "relates to")
    BLOCKS = "blocks", pgettext_lazy("relation", "blocks")
    DUPLICATES = "duplicates", pgettext_lazy("relation", "duplicates")
    CAUSED = "caused", pgettext_lazy("relation", "caused")
    ANSWERS = "answers", pgettext_lazy("relation", "answers")

    @property
    def is_mutual(self) -> bool:
        """Whether both ends say the same of each other."""
        return self == Kind.RELATES

    @property
    def is_acyclic(self) -> bool:
        """Whether a chain of these must never come back to where it began."""
        return self in {Kind.BLOCKS, Kind.DUPLICATES, Kind.CAUSED}


BACKWARD: dict[Kind, str | Promise] = {
    Kind.BLOCKS: pgettext_lazy("relation", "is blocked by"),
    Kind.DUPLICATES: pgettext_lazy("relation", "is duplicated by"),
    Kind.CAUSED: pgettext_lazy("relation", "was caused by"),
    Kind.ANSWERS: pgettext_lazy("relation", "is answered by"),
}


@dataclass(frozen=True, slots=True)
class Phrase:
    """A kind as one of its ends says it. ``name`` is its value in a form."""

    kind: Kind
    backward: bool = False

    @property
    def name(self) -> str:
        return f"{self.kind.value}-back" if self.backward else self.kind.value

    @property
    def words(self) -> str:
        return str(BACKWARD[self.kind] if self.backward else self.kind.label)


#: Every phrase, in the order in which a list shows them.
PHRASES = (
    Phrase(Kind.BLOCKS, backward=True),
    Phrase(Kind.BLOCKS),
    Phrase(Kind.CAUSED, backward=True),
    Phrase(Kind.CAUSED),
    Phrase(Kind.ANSWERS),
    Phrase(Kind.ANSWERS, backward=True),
    Phrase(Kind.DUPLICATES),
    Phrase(Kind.DUPLICATES, backward=True),
    Phrase(Kind.RELATES),
)
