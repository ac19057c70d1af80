"""What erasing means, table by table: which rows of the store hold something of a user or a customer."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from tongpin.lib.siphash import siphash64
from tongpin.modules.analytics.identity import did, signed
from tongpin.modules.analytics.wire.record import ALIAS, IDENTIFY


def customer_digest(kind: str, key: str) -> int:
    """The hash of a customer, signed: what is kept of it after it was erased."""
    return signed(siphash64(f"{kind}\0{key}".encode()))


AT_ONCE = 5000
"""Hashes in one statement: they go in its address, which the store and what stands before it bound."""


def batches(digests: Sequence[int]) -> Iterator[Sequence[int]]:
    """The hashes, as many at a time as one statement takes."""
    for start in range(0, len(digests), AT_ONCE):
        yield digests[start : start + AT_ONCE]


@dataclass(frozen=True, slots=True)
class Part:
    """Rows of one table of the store, by a condition with the parameters ``workspace`` and ``digests``."""

    table: str
    sql: str


_HERE = "workspace = {workspace:UUID} AND "
_IN = " IN {digests:Array(UInt64)}"
# Events that link an id name the other one in a property.
_LINKS = (
    f"(event = '{IDENTIFY}' AND sipHash64(ifNull(properties.`$anon_distinct_id`::Nullable(String), '')){_IN})"
    f" OR (event = '{ALIAS}' AND sipHash64(ifNull(properties.alias::Nullable(String), '')){_IN})"
)
PERSON = (
    Part("events", f"{_HERE}(did{_IN} OR {_LINKS})"),
    Part("ids_seen", f"{_HERE}did{_IN}"),
    Part("person_overrides", f"{_HERE}(did{_IN} OR person{_IN})"),
    Part("persons", f"{_HERE}person{_IN}"),
    Part("segment_members", f"{_HERE}kind = '' AND digest{_IN}"),
)
CUSTOMER = (
    Part(
        "events",
        f"{_HERE}arrayExists((kind, key) -> sipHash64(concat(kind, char(0), key)){_IN},"
        " mapKeys(customers), mapValues(customers))",
    ),
    Part("customers", f"{_HERE}sipHash64(concat(kind, char(0), key)){_IN}"),
    Part("segment_members", f"{_HERE}kind != '' AND digest{_IN}"),
)


def holds(row: dict[str, Any], persons: set[int], customers: set[int]) -> bool:
    """Whether an event, as ``wire.record.dump`` writes it, is of one of these (dids and customer digests)."""
    if persons:
        linked = row["p"].get("$anon_distinct_id" if row["e"] == IDENTIFY else "alias")
        named = [row["d"], *([linked] if row["e"] in (IDENTIFY, ALIAS) and isinstance(linked, str) else [])]
        if any(did(each) in persons for each in named):
            return True
    return bool(customers) and any(customer_digest(kind, key) in customers for kind, key in of_customers(row))


def of_customers(row: dict[str, Any]) -> Sequence[tuple[str, str]]:
    """The customers an event names."""
    return [*row.get("c", {}).items(), *([(row["g"][0], row["g"][1])] if "g" in row else [])]
