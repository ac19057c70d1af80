"""What the API's own operations answer with."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Generic, Literal, TypeVar
from urllib.parse import urljoin
from uuid import UUID

from django.conf import settings
from pydantic import BaseModel, Field

from tongpin.kernel import objects
from tongpin.kernel.tenancy.enums import Role, Via

T = TypeVar("T")


class Card(BaseModel):
    """An object as lists show it."""

    type: str = Field(description="The kind of object, such as goals.lookback.")
    id: UUID
    title: str
    url: str = Field(description="Its page, for people.")
    state: str
    hint: str

    @classmethod
    def of(cls, card: objects.Card) -> Card:
        return cls(
            type=card.type,
            id=card.id,
            title=card.title,
            url=urljoin(f"{settings.SITE_URL}/", card.url),
            state=str(card.state),
            hint=str(card.hint),
        )


class Undo(BaseModel):
    """The call that takes an action back."""

    action: str
    target: UUID | None
    data: dict[str, Any]


class Outcome(BaseModel):
    """What an action did."""

    card: Card | None = Field(description="The object it changed or made, if it is still there to see.")
    version: int | None = Field(description="The object's version now, for the next change.")
    undo: Undo | None = Field(description="How to take it back; null if it cannot be.")
    shown_once: str | None = Field(
        description="A secret that no later answer has: the link of an invitation just made. null for all else."
    )
    repeated: bool = Field(description="True if this Idempotency-Key had been used: nothing was done again.")


class Person(BaseModel):
    """``kind`` is token for a workspace token, which has no address."""

    id: UUID
    kind: Literal["person", "token"]
    name: str
    email: str | None
    language: str
    time_zone: str


class Workspace(BaseModel):
    id: UUID
    slug: str
    name: str
    language: str
    time_zone: str
    role: Role = Field(description="What the token's owner is in it.")


class Me(BaseModel):
    """Whose token this is, where it works, and what it may do."""

    person: Person
    workspace: Workspace | None
    scopes: list[str] | None = Field(description="null: everything its owner may do.")


class Member(BaseModel):
    id: UUID
    name: str
    email: str | None = Field(description="Not for guests, but for one's own.")
    role: Role
    active: bool
    joined_at: datetime


class Subject(BaseModel):
    type: str
    id: UUID
    version: int | None


class Actor(BaseModel):
    """Who did something: a person, or a workspace token by its name."""

    id: UUID
    kind: Literal["person", "token"]
    name: str


class Event(BaseModel):
    """One thing that happened."""

    id: UUID
    name: str
    v: int = Field(description="The version of the payload's shape.")
    payload: dict[str, Any]
    subject: Subject
    changed: list[str] = Field(description="Fields of the subject that changed.")
    actor: Actor | None = Field(description="null: the server itself.")
    via: Via
    action: str
    causation: UUID | None = Field(description="The event that led to this one.")
    at: datetime


class Page(BaseModel, Generic[T]):
    """A piece of a list."""

    items: list[T]
    next: str | None = Field(description="Give it as ``cursor`` to get what follows; null at the end.")
