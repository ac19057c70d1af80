"""What is true of this server, line by line, for its owner: how it stands, and what to do where it does not."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit

from django.conf import settings
from django.core.cache import cache
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from tongpin.kernel import clock
from tongpin.kernel.events import retention
from tongpin.kernel.tenancy.enums import Role
from tongpin.kernel.tenancy.models import Membership
from tongpin.kernel.upkeep import records
from tongpin.kernel.upkeep.models import Kind, Run
from tongpin.modules.workspaces import upgrades

BACKUP_LATE = timedelta(hours=26)
DRILL_LATE = timedelta(days=8)
TLS_SOON = 21
TLS_KEPT = 600
LOW_MEMORY = 0.1


@dataclass(frozen=True, slots=True)
class Fact:
    """``state`` is good, warn, bad, or plain where nothing can be wrong; ``at`` a time that belongs to the words;
    ``links`` lead to what mends or explains it, as (words, address).
    """

    label: str
    state: Literal["good", "warn", "bad", "plain"]
    words: str
    hint: str = ""
    at: datetime | None = None
    links: tuple[tuple[str, str], ...] = ()


def facts() -> Iterator[Fact]:
    """Every line, the ones most worth a look first."""
    yield _linked(_backup(), "backup")
    yield _linked(_drill(), "backup")
    yield _linked(_tls(), "proxy")
    if (memory := _memory()) is not None:
        yield memory
    yield _audit()
    yield _sign_in()
    yield _passwords()
    yield _upgrades()
    yield _personal_data()


def guide(name: str) -> tuple[str, str]:
    """A link to a guide: what it is called, and where this server shows it."""
    titles = {
        "backup": _("Guide: backup, restore, upgrade"),
        "proxy": _("Guide: a reverse proxy with TLS"),
        "sign-in": _("Guide: ways to sign in"),
        "many-machines": _("Guide: several machines"),
    }
    return titles[name], reverse("workspaces:guide", args=[name])


def _linked(fact: Fact, name: str) -> Fact:
    """With a link to the guide, where there is something to mend."""
    return replace(fact, links=(guide(name),)) if fact.state in ("warn", "bad") else fact


def _backup() -> Fact:
    label = _("Last backup")
    done = records.last(Kind.BACKUP)
    unscheduled = (
        _("Set TONGPIN_BACKUP_AT, such as 03:30, for one a day.") if settings.BACKUP_AT is None else ""
    )
    if done is None:
        return Fact(label, "bad" if unscheduled else "warn", _("None yet."), unscheduled)
    if not done.good:
        return Fact(
            label, "bad", _("Failed: %(why)s") % {"why": done.words}, _past(Kind.BACKUP), done.began_at
        )
    if clock.now() - done.began_at > BACKUP_LATE:
        late = unscheduled or _("One a day should be there: is the worker running?")
        return Fact(label, "warn", done.words, late, done.began_at)
    here = _same_disk(done)
    hint = (
        _("It lies on the same disk as the data. Set TONGPIN_BACKUP_DIR to another one.")
        if here
        else unscheduled
    )
    return Fact(label, "warn" if hint else "good", done.words, hint, done.began_at)


def _drill() -> Fact:
    label = _("Last restore drill")
    done = records.last(Kind.DRILL)
    if done is None:
        return Fact(
            label, "warn", _("None yet."), _("`tongpin drill` tries that the newest backup can be restored.")
        )
    if not done.good:
        return Fact(
            label, "bad", _("Failed: %(why)s") % {"why": done.words}, _past(Kind.DRILL), done.began_at
        )
    late = clock.now() - done.began_at > DRILL_LATE
    hint = _("Run `tongpin drill` again.") if late else ""
    return Fact(label, "warn" if late else "good", done.words, hint, done.began_at)


def _past(kind: Kind) -> str:
    good = records.last(kind, good=True)
    if good is None:
        return _("None has gone well so far.")
    return _("The last good one: %(file)s.") % {"file": Path(good.file).name}


def _same_disk(run: Run) -> bool:
    try:
        return Path(run.file).parent.stat().st_dev == Path(settings.DATA).stat().st_dev
    except OSError:
        return False


def _tls() -> Fact:
    label = _("Encrypted connection")
    address = urlsplit(settings.SITE_URL)
    if address.scheme != "https":
        if address.hostname in {"127.0.0.1", "localhost", "::1"}:
            return Fact(label, "plain", _("Only this machine reaches the server; no certificate is needed."))
        return Fact(
            label, "bad", _("%(url)s is not https: passwords travel in the clear.") % {"url": settings.SITE_URL},
            _("Put a reverse proxy with TLS before it."),
        )  # fmt: skip
    host, port = address.hostname or "", address.port or 443
    found: datetime | str = cache.get_or_set(
        f"tls:{host}:{port}", lambda: certificate_ends(host, port), TLS_KEPT
    )  # type: ignore[assignment]  # None only where the callable gives it
    if isinstance(found, str):
        return Fact(label, "warn", _("The certificate could not be read: %(why)s") % {"why": found})
    days = (found - clock.now()).days
    words = (
        ngettext(
            "The certificate is good for %d more day.", "The certificate is good for %d more days.", days
        )
        % days
    )
    return Fact(
        label, "good" if days >= TLS_SOON else "bad", words, "" if days >= TLS_SOON else _("Renew it now.")
    )


def certificate_ends(host: str, port: int) -> datetime | str:
    """When the certificate that this address shows runs out; why it could not be read. Asks the address itself."""
    try:
        with (
            socket.create_connection((host, port), timeout=3) as plain,
            ssl.create_default_context().wrap_socket(plain, server_hostname=host) as shown,
        ):
            given: dict[str, Any] = shown.getpeercert() or {}
    except (OSError, ssl.SSLError) as error:
        return str(error)[:200]
    return datetime.fromtimestamp(ssl.cert_time_to_seconds(given["notAfter"]), UTC)


def _memory() -> Fact | None:
    try:
        lines = dict(line.split(":", 1) for line in Path("/proc/meminfo").read_text().splitlines())
        total, free = (int(lines[name].split()[0]) * 1024 for name in ("MemTotal", "MemAvailable"))
    except (OSError, KeyError, ValueError):
        return None  # not Linux
    words = _("%(free).1f of %(total).1f GB free") % {"free": free / 1024**3, "total": total / 1024**3}
    if free < total * LOW_MEMORY:
        return Fact(_("Memory"), "warn", words, _("Give the machine more, or run less beside Tongpin."))
    return Fact(_("Memory"), "good", words)


def _audit() -> Fact:
    kept = retention.days()
    if kept is None:
        return Fact(_("Audit log"), "good", _("Kept for ever."))
    words = ngettext("Kept for %d day.", "Kept for %d days.", kept) % kept
    return Fact(_("Audit log"), "good", words)


def _providers() -> Iterator[dict[str, Any]]:
    for provider in settings.SOCIALACCOUNT_PROVIDERS.values():
        # The directory is in the list for its links to accounts; it has no button of its own.
        yield from (app for app in provider.get("APPS", []) if not app.get("settings", {}).get("hidden"))


def _sign_in() -> Fact:
    ways = [] if settings.OIDC_ONLY else [_("password"), _("passkey")]
    if settings.LDAP is not None and settings.LDAP_SIGN_IN:
        ways.append("LDAP")
    ways += [str(app.get("name") or app.get("provider_id", "")) for app in _providers()]
    open_to_all = settings.SIGN_UP == "open"
    words = _(", ").join(ways)
    if not open_to_all:
        only = _("%(ways)s; by invitation only") % {"ways": words}
        return Fact(_("Sign-in"), "good", only, links=(guide("sign-in"),))
    return Fact(
        _("Sign-in"),
        "plain",
        _("%(ways)s; anyone who reaches the server may make an account") % {"ways": words},
        _("TONGPIN_SIGN_UP=invited lets in only who was invited."),
        links=(guide("sign-in"),),
    )


def _passwords() -> Fact:
    length = settings.PASSWORD_LENGTH
    words = ngettext(
        "At least %d character, none that is common.", "At least %d characters, none that is common.", length
    )
    return Fact(_("Passwords"), "good", words % length)


def _upgrades() -> Fact:
    label = _("New versions")
    runs = _("This server runs %(version)s.") % {"version": settings.VERSION}
    links: tuple[tuple[str, str], ...] = (guide("backup"),)
    if not settings.UPGRADE_FEED:
        asks = _("It asks nobody for newer ones. TONGPIN_UPGRADE_FEED names whom to ask, once a day.")
        return Fact(label, "plain", runs, asks, links=links)
    told = upgrades.newest()
    if told.is_newer:
        words = _("%(version)s is out.") % {"version": told.version}
        links = ((_("What is new"), told.url), *links) if told.url else links
        return Fact(label, "warn", _both(words, runs), _("Back up first, then upgrade."), told.at, links)
    if told.error:
        words = _("%(host)s could not be asked: %(why)s.") % {"host": upgrades.host(), "why": told.error}
        return Fact(label, "warn", _both(words, runs), at=told.at, links=links)
    if told.at is None:
        return Fact(
            label, "plain", runs, _("%(host)s is asked once a day.") % {"host": upgrades.host()}, links=links
        )
    none = _("There is none newer.")
    return Fact(label, "good", _both(runs, none), at=told.at, links=links)


def _both(one: str, other: str) -> str:
    """Two sentences, one after the other."""
    return pgettext("two sentences", "%(one)s %(other)s") % {"one": one, "other": other}


def _personal_data() -> Fact:
    rows = Membership.objects.active().filter(role__in=(Role.OWNER, Role.ADMIN), workspace__deleted_at=None)
    count = rows.values("user").distinct().count()
    words = ngettext(
        "%d owner or admin, in their own workspaces; whoever runs the server, all of it.",
        "%d owners and admins, each in their own workspaces; whoever runs the server, all of it.",
        count,
    )
    return Fact(_("Who can see personal data"), "plain", words % count)
