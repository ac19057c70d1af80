"""What happens to personal data. No payload holds any: a user is named by the hash of an id, for the stream cannot
forget."""

from __future__ import annotations

from dataclasses import dataclass

from tongpin.kernel.events.payloads import event


@event("analytics.personal_data_seen")
@dataclass(frozen=True)
class PersonalDataSeen:
    """``about`` as in ``PersonalLook``: told at most once an hour for each person who looks."""

    about: str


@event("analytics.customer_given")
@dataclass(frozen=True)
class CustomerGiven:
    """``owner`` is the public id of the membership that looks after the customer now, or None."""

    owner: str | None


@event("analytics.personal_data_exported")
@dataclass(frozen=True)
class PersonalDataExported:
    """``about`` as in ``PersonalDataSeen``."""

    about: str


@event("analytics.erasure_asked")
@dataclass(frozen=True)
class ErasureAsked:
    """``about`` as in ``PersonalDataSeen``."""

    about: str


@event("analytics.erasure_proved")
@dataclass(frozen=True)
class ErasureProved:
    """``removed``: rows by table."""

    removed: dict[str, int]
