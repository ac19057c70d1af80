"""What a source accepts, decided in the request, before anything is kept. Pure."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlsplit

from tongpin.modules.analytics.capture import countries
from tongpin.modules.analytics.capture.bots import is_bot, is_no_visitor
from tongpin.modules.analytics.enums import CountryFrom, IpPolicy, Platform, Refusal
from tongpin.modules.analytics.models import Source
from tongpin.modules.analytics.wire.call import Dropped, Refused
from tongpin.modules.analytics.wire.record import BOOKKEEPING, CustomerChange, ProfileChange, Record

IP = "$ip"
AGENT = "$raw_user_agent"
COUNTRY = "$geoip_country_code"
#: Without these two a link between ids says nothing; no list of properties takes them away.
LINKS = frozenset({"$anon_distinct_id", "alias"})
NO = frozenset({"", "0", "false", "no", "off", "denied"})
REPEAT_SOON_S = 2


@dataclass(frozen=True, slots=True)
class Caller:
    """Who sent a request. ``origin`` is the page's, "" for a server's or an app's; ``ip`` "" where it is unknown;
    ``country`` what the server's own proxy says of it."""

    ip: str
    origin: str
    agent: str
    opted_out: bool
    country: str = ""

    @classmethod
    def of(cls, headers: Mapping[str, str], ip: str, country_header: str = "") -> Caller:
        """From header names in lower case. An image's request carries no Origin, but a browser says where it was
        put."""
        origin = headers.get("origin", "")
        if not origin and "sec-fetch-mode" in headers:
            with suppress(ValueError):  # no address at all: such as "http://["
                parts = urlsplit(headers.get("referer", ""))
                origin = f"{parts.scheme}://{parts.netloc}" if parts.netloc else ""
        opted_out = headers.get("dnt") == "1" or headers.get("sec-gpc") == "1"
        country = countries.told(headers.get(country_header)) if country_header else ""
        return cls(ip, origin.lower(), headers.get("user-agent", ""), opted_out, country)


class Names:
    """A list of names; one that ends in ``*`` stands for all that begin so."""

    __slots__ = ("_exact", "_starts")

    def __init__(self, names: Iterable[str]) -> None:
        self._exact = frozenset(name for name in names if not name.endswith("*"))
        self._starts = tuple(name[:-1] for name in names if name.endswith("*"))

    def __bool__(self) -> bool:
        return bool(self._exact or self._starts)

    def __contains__(self, name: str) -> bool:
        return name in self._exact or name.startswith(self._starts)


class Origins:
    """Sites that may send: ``https://example.com`` exactly, ``example.com`` by any scheme and port, ``*.example.com``
    for every host below it and not itself, also with a scheme or a port. Empty: any."""

    __slots__ = ("_entries", "_exact")

    def __init__(self, entries: Iterable[str]) -> None:
        entries = [entry.strip().lower().rstrip("/") for entry in entries]
        self._exact = frozenset(entries)
        self._entries = [entry.rpartition("://") for entry in entries]

    def __contains__(self, origin: str) -> bool:
        if not self._exact or origin in self._exact:
            return True
        try:
            parts = urlsplit(origin)
            host = parts.hostname or ""
        except ValueError:
            return False
        return any(
            _is_at(scheme, place, parts.scheme, host, parts.netloc) for scheme, _, place in self._entries
        )


def _is_at(scheme: str, place: str, its_scheme: str, its_host: str, its_netloc: str) -> bool:
    """Whether an origin is at ``place``: a host or ``*.host``, with a port or by any. With a scheme a place without
    a port means the scheme's own, as browsers write it: with none."""
    if scheme and scheme != its_scheme:
        return False
    its = its_netloc if scheme or ":" in place else its_host
    return its.endswith(place[1:]) if place[:2] == "*." else its == place


@dataclass(frozen=True, slots=True)
class Rules:
    """One source's rules, as ``Source`` writes them, made ready to be asked thousands of times a second."""

    source: int
    paused: bool
    origins: Origins
    ip_policy: str
    country_from: str
    of_visitors: bool
    """A request comes from whoever it tells of: it is no server's."""
    drop_bots: bool
    honour_opt_out: bool
    consent: str
    allow_events: Names
    deny_events: Names
    allow_properties: Names
    deny_properties: Names
    rate_limit: int
    forward_to: str
    plain: bool
    """No record has to be changed, but for an address in it."""

    @classmethod
    def of(cls, source: Source) -> Rules:
        return cls(
            source=source.pk,
            paused=source.paused_at is not None,
            origins=Origins(source.allowed_origins),
            ip_policy=source.ip_policy,
            country_from=source.country_from,
            of_visitors=source.platform != Platform.SERVER,
            drop_bots=source.drop_bots,
            honour_opt_out=source.honour_opt_out,
            consent=source.consent_property,
            allow_events=Names(source.allow_events),
            deny_events=Names(source.deny_events),
            allow_properties=Names(source.allow_properties),
            deny_properties=Names(source.deny_properties),
            rate_limit=source.rate_limit,
            forward_to=source.forward_to,
            plain=source.ip_policy == IpPolicy.DROP
            and not (source.allow_properties or source.deny_properties),
        )

    def admit(self, caller: Caller) -> None:
        """Raises Refused where nothing of this caller is taken. Bots and those who opted out are answered as if all
        were well: nobody is to try again."""
        if self.paused:
            raise Refused(Refusal.PAUSED, 403, "This source is paused.")
        if caller.origin and caller.origin not in self.origins:
            raise Refused(
                Refusal.ORIGIN, 403, f"{caller.origin} is not among the allowed origins of this source."
            )
        if self.drop_bots and is_bot(caller.agent):
            raise Refused(Refusal.BOT, 200, "The user agent is a bot's.")
        if self.honour_opt_out and caller.opted_out:
            raise Refused(Refusal.OPTED_OUT, 200, "DNT or Sec-GPC is set.")

    def sift(self, records: list[Record], caller: Caller) -> tuple[list[Record], list[Dropped]]:
        """Of a caller that was admitted: what is kept, as it is kept, and what is left out."""
        kept, dropped = [], []
        for record in records:
            why = self._against(record)
            if why is None:
                kept.append(self._kept(record, caller))
            else:
                dropped.append(_dropped(why[0], why[1], record))
        return kept, dropped

    def _against(self, record: Record) -> tuple[Refusal, str] | None:
        properties = record.properties
        if self.drop_bots:
            agent = properties.get(AGENT)
            if isinstance(agent, str) and is_no_visitor(agent):  # a server that tells of its visitor
                return Refusal.BOT, "The user agent is a bot's."
        if self.consent and self.consent in properties and _says_no(properties[self.consent]):
            return Refusal.CONSENT, f"The property {self.consent} says no."
        if record.event in self.deny_events:
            return Refusal.DENIED, "The source's list of denied events names it."
        if self.allow_events and record.event not in self.allow_events and not _speaks_of_ids(record):
            return Refusal.DENIED, "The source's list of allowed events does not name it."
        return None

    def _kept(self, record: Record, caller: Caller) -> Record:
        """The record without what may not be kept, and with the address as the source wants it."""
        said = record.properties.get(IP)
        country = self.country(record.properties.get(COUNTRY), said, caller)
        if (
            self.plain
            and said is None
            and country == record.properties.get(COUNTRY, "")
            and (record.person is None or _is_without(record.person))
        ):
            return record
        properties = dict(record.properties)
        address = self.address(properties.pop(IP, None), caller.ip)
        properties.pop(COUNTRY, None)
        if country:
            properties[COUNTRY] = country
        person, customer = record.person, record.customer
        if self.allow_properties or self.deny_properties:
            properties = self._filtered(properties)
            person = self._change(person) if person else None
            if customer is not None:
                customer = CustomerChange(customer.kind, customer.key, self._change(customer.change))
        if person is not None and self.ip_policy != IpPolicy.KEEP:
            person = _without_address(person)
        if address:
            properties[IP] = address
        return replace(record, properties=properties, person=person, customer=customer)

    def _may(self, name: str) -> bool:
        if self.allow_properties and name not in self.allow_properties:
            return False
        return name not in self.deny_properties

    def _filtered(self, values: Mapping[str, Any]) -> dict[str, Any]:
        return {name: value for name, value in values.items() if name in LINKS or self._may(name)}

    def _change(self, change: ProfileChange) -> ProfileChange:
        return ProfileChange(
            set=self._filtered(change.set),
            set_once=self._filtered(change.set_once),
            unset=change.unset,
            increment=self._filtered(change.increment),
            append=self._filtered(change.append),
            delete=change.delete,
        )

    def country(self, told: Any, said: Any, caller: Caller) -> str:
        """What is kept of a country: by the address an event says its user has, else by the request's; before both
        come the event's own word, where it counts, and what the proxy says."""
        if self.country_from == CountryFrom.NONE:
            return ""
        own = countries.told(told) if self.country_from == CountryFrom.TOLD else ""
        if own or said:
            return own or countries.of_address(said)
        return (caller.country or countries.of_address(caller.ip)) if self.of_visitors else ""

    def address(self, said: Any, seen: str) -> str:
        """What is kept of an address: the one an SDK says its user has, else the one the request came from."""
        if self.ip_policy == IpPolicy.DROP:
            return ""
        for address in (said, seen):
            try:
                ip = ipaddress.ip_address(address) if isinstance(address, str) else None
            except ValueError:
                continue
            if ip is not None:
                return str(ip) if self.ip_policy == IpPolicy.KEEP else truncated(ip)
        return ""


def truncated(ip: ipaddress.IPv4Address | ipaddress.IPv6Address) -> str:
    """The first address of its /24, or of its /48."""
    if isinstance(ip, ipaddress.IPv6Address):
        if ip.ipv4_mapped is not None:
            return truncated(ip.ipv4_mapped)
        return str(ipaddress.IPv6Address(int(ip) >> 80 << 80))
    return str(ipaddress.IPv4Address(int(ip) >> 8 << 8))


def _is_without(change: ProfileChange) -> bool:
    return IP not in change.set and IP not in change.set_once


def _without_address(change: ProfileChange) -> ProfileChange:
    return replace(
        change,
        set={name: value for name, value in change.set.items() if name != IP},
        set_once={name: value for name, value in change.set_once.items() if name != IP},
    )


def _speaks_of_ids(record: Record) -> bool:
    """Links between ids and profiles are no events that a list of events could mean to leave out."""
    return record.event in BOOKKEEPING or (
        record.event[:1] == "$"
        and (record.person is not None or record.customer is not None)
        and record.event in PROFILES
    )


PROFILES = frozenset({"$set", "$set_once", "$groupidentify"})


def _says_no(value: Any) -> bool:
    if isinstance(value, str):
        return value.strip().lower() in NO
    return value is False or (isinstance(value, int | float) and value == 0)


def _dropped(reason: Refusal, detail: str, record: Record) -> Dropped:
    return Dropped(reason, detail, str(record.uuid), record.event)
