"""What the inbox and the preferences page show."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib.auth import HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.models import Session
from django.db.models import Count, F, Func, Q, TextField, Value
from django.utils.crypto import constant_time_compare
from django.utils.translation import gettext as _

from tongpin.kernel import clock, objects
from tongpin.kernel.errors import NotFound
from tongpin.kernel.news import Delivery, Kind, kinds
from tongpin.kernel.objects import Card
from tongpin.kernel.tenancy.actor import Actor
from tongpin.kernel.tenancy.models import Membership, User
from tongpin.kernel.upkeep import contacts
from tongpin.kernel.upkeep.contacts import Outgoing
from tongpin.modules.notifications.enums import Tab
from tongpin.modules.notifications.models import (
    Browser,
    MailRhythm,
    MutedThread,
    Notification,
    NotificationQuerySet,
    Preference,
)

PAGE = 30
EARLIER = 20 * PAGE  # lines below the newest of their threads, a page


@dataclass(frozen=True, slots=True)
class Counts:
    """How many threads there are in each list."""

    unread: int
    all: int
    snoozed: int
    archived: int


@dataclass(frozen=True, slots=True)
class Thread:
    """What one list holds of one object: ``newest`` is the line shown, ``earlier`` those before it, newest first."""

    newest: Notification
    earlier: list[Notification]
    is_muted: bool

    @property
    def is_unread(self) -> bool:
        return any(row.is_unread for row in (self.newest, *self.earlier))

    @property
    def count(self) -> int:
        return 1 + len(self.earlier)


def unread(actor: Actor) -> int:
    """How many threads with something unread wait for this member."""
    rows = Notification.objects.visible_to(actor).in_tab(Tab.UNREAD)
    return int(rows.aggregate(n=Count("about_id", distinct=True))["n"])


def counts(actor: Actor) -> Counts:
    """The lists' sizes, in one query."""
    kept = Q(archived_at=None)
    here = kept & Q(snoozed_until=None)

    def threads(those: Q) -> Count:
        return Count("about_id", filter=those, distinct=True)

    found = Notification.objects.visible_to(actor).aggregate(
        unread=threads(here & Q(read_at=None)),
        all=threads(here),
        snoozed=threads(kept & ~Q(snoozed_until=None)),
        archived=threads(~kept),
    )
    return Counts(**found)


def _place(own: NotificationQuerySet, line: uuid.UUID | None) -> tuple[datetime, int] | None:
    """Where a line of one's own stands in the order of the inbox."""
    rows = own.filter(public_id=line).values_list("surfaced_at", "pk")
    return rows.first() if line is not None else None


def inbox(actor: Actor, tab: Tab, cursor: uuid.UUID | None) -> tuple[list[Thread], uuid.UUID | None]:
    """One page of a list, a row a thread, newest first, below the line ``cursor``; and the cursor of the next page.

    The cursor's line may have left the list meanwhile (read, archived): the page still begins below it.
    """
    own = Notification.objects.visible_to(actor)
    heads = (
        own.in_tab(tab)
        .order_by("about_type", "about_id", "-surfaced_at", "-pk")
        .distinct("about_type", "about_id")
        .values("pk")
    )
    rows = own.filter(pk__in=heads).select_related("by")
    below = _place(own, cursor)
    if below is not None:
        rows = rows.filter(Q(surfaced_at__lt=below[0]) | Q(surfaced_at=below[0], pk__lt=below[1]))
    found = list(rows.order_by("-surfaced_at", "-pk")[: PAGE + 1])
    page = found[:PAGE]
    return _threads(actor, page, tab), page[-1].public_id if len(found) > PAGE else None


def _threads(actor: Actor, heads: list[Notification], tab: Tab) -> list[Thread]:
    """The threads these lines head in that list."""
    ids = [head.about_id for head in heads]
    others = Notification.objects.visible_to(actor).in_tab(tab).filter(about_id__in=ids)
    earlier: dict[tuple[str, uuid.UUID], list[Notification]] = {}
    for row in others.exclude(pk__in=[head.pk for head in heads]).order_by("-surfaced_at", "-pk")[:EARLIER]:
        earlier.setdefault(row.thread, []).append(row)
    muted = set(
        MutedThread.objects.visible_to(actor).filter(about_id__in=ids).values_list("about_type", "about_id")
    )
    return [Thread(head, earlier.get(head.thread, []), head.thread in muted) for head in heads]


def line(actor: Actor, public_id: uuid.UUID) -> Notification:
    """One line of one's own inbox. Raises NotFound."""
    row: Notification | None = (
        Notification.objects.visible_to(actor).select_related("workspace").filter(public_id=public_id).first()
    )
    if row is None:
        raise NotFound
    return row


def muted_thread(actor: Actor, thread: tuple[str, uuid.UUID]) -> MutedThread:
    """The muting of that object by this member. Raises NotFound where it is not muted."""
    row: MutedThread | None = (
        MutedThread.objects.visible_to(actor).filter(about_type=thread[0], about_id=thread[1]).first()
    )
    if row is None:
        raise NotFound
    return row


def lines_of(actor: Actor, ids: list[uuid.UUID], tab: Tab) -> list[Notification]:
    """These lines of one's own and, of their threads, all that the list holds."""
    own = Notification.objects.visible_to(actor)
    named = list(own.filter(public_id__in=ids))
    others = own.in_tab(tab).filter(about_id__in=[row.about_id for row in named])
    threads = {row.thread for row in named}
    found = {row.pk: row for row in (*named, *others) if row.thread in threads}
    return sorted(found.values(), key=lambda row: row.pk)


def shown(actor: Actor, ids: list[uuid.UUID], tab: Tab) -> tuple[list[Thread], list[uuid.UUID]]:
    """Rows on an open page as they are now, and those that have left its list.

    What was only read stays where it is shown, as under the hand of whoever reads it.
    """
    place = Tab.ALL if tab == Tab.UNREAD else tab
    own = Notification.objects.visible_to(actor)
    heads = list(own.in_tab(place).filter(public_id__in=ids).select_related("by"))
    there = {head.public_id for head in heads}
    return _threads(actor, heads, tab), [one for one in ids if one not in there]


@dataclass(frozen=True, slots=True)
class Returned:
    """A thread that is in the list again. ``after``: the line of the row it stands below; None at the top."""

    thread: Thread
    after: uuid.UUID | None


def returned(
    actor: Actor, rows: list[Thread], ids: list[uuid.UUID], than: uuid.UUID | None, *, is_all: bool
) -> list[Returned]:
    """Which of the list's first ``rows`` an open page that shows the lines ``ids`` lacks, in the order they come in.

    What came after the line ``than``, the newest when the page was opened, is news and told by ``newer``. Unless the
    rows are all there is, what is below the last line shown comes with the next page.
    """
    top = _place(Notification.objects.visible_to(actor), than)
    there, found, before = set(ids), [], None
    lowest = max((at for at, row in enumerate(rows) if row.newest.public_id in there), default=len(rows))
    for row in rows if is_all else rows[:lowest]:
        line = row.newest
        if line.public_id not in there:
            if top is None or (line.surfaced_at, line.pk) > top:
                continue
            found.append(Returned(row, before))
        before = line.public_id
    return found


def newer(actor: Actor, tab: Tab, than: uuid.UUID | None) -> int:
    """How many threads have something in this list that came after the line ``than`` (None: since it was empty)."""
    own = Notification.objects.visible_to(actor)
    rows = own.in_tab(tab)
    above = _place(own, than)
    if above is not None:
        rows = rows.filter(Q(surfaced_at__gt=above[0]) | Q(surfaced_at=above[0], pk__gt=above[1]))
    return int(rows.aggregate(n=Count("about_id", distinct=True))["n"])


@dataclass(frozen=True, slots=True)
class Muted:
    """A muted thread: by its object's card, or by the words of its last news where the reader may not see it."""

    row: MutedThread
    card: Card | None

    @property
    def title(self) -> str:
        return self.card.title if self.card else self.row.title


def muted(actor: Actor) -> list[Muted]:
    """What this member has muted, latest first."""
    rows = list(MutedThread.objects.visible_to(actor).order_by("-pk"))
    cards = objects.cards(actor, {(row.about_type, row.about_id) for row in rows})
    return [Muted(row, cards.get((row.about_type, row.about_id))) for row in rows]


def muted_by(members: list[Membership], thread: tuple[str, uuid.UUID]) -> set[int]:
    """Which of these members want no news of that object, by the membership's key."""
    rows = MutedThread.objects.filter(member__in=members, about_type=thread[0], about_id=thread[1])
    return set(rows.values_list("member", flat=True))


@dataclass(frozen=True, slots=True)
class Choice:
    """One kind of news with what this member chose."""

    kind: Kind
    delivery: Delivery
    push: bool


def rhythm_of(member: Membership) -> MailRhythm:
    """When this member's mail comes; an unsaved row where they never chose."""
    found: MailRhythm | None = MailRhythm.objects.filter(member=member).first()
    return found or MailRhythm(workspace_id=member.workspace_id, member=member)


def rhythms(members: list[Membership]) -> dict[int, MailRhythm]:
    """When mail comes to each of these, by the membership's key."""
    found = {row.member_id: row for row in MailRhythm.objects.filter(member__in=members)}
    return {member.pk: found.get(member.pk) or MailRhythm(member=member) for member in members}


def digests_due() -> list[MailRhythm]:
    """Where it is time to look whether a digest goes out, in all workspaces."""
    rows = MailRhythm.objects.filter(
        next_at__lte=clock.now(),
        member__deactivated_at=None,
        member__user__is_active=True,
        workspace__deleted_at=None,
    )
    return list(rows.select_related("workspace").order_by("next_at", "pk"))


def choices(actor: Actor) -> list[Choice]:
    """Every kind with the member's choice, in the order of the preferences page."""
    chosen = {row.kind: row for row in Preference.objects.visible_to(actor)}
    return [_chosen(kind, chosen.get(kind.key)) for kind in kinds().values()]


def _chosen(kind: Kind, row: Preference | None) -> Choice:
    push = row.push if row is not None and row.push is not None else kind.direct
    return Choice(kind, Delivery(row.delivery if row is not None else kind.default), push)


def wants_push(members: list[int], kind: Kind) -> set[int]:
    """Which of these members (by the membership's key) want this kind pushed to their browsers."""
    chosen = dict(
        Preference.objects.filter(member__in=members, kind=kind.key)
        .exclude(push=None)
        .values_list("member", "push")
    )
    return {member for member in members if chosen.get(member, kind.direct)}


def browsers(actor: Actor) -> list[Browser]:
    """One's own browsers that are told of news, the newest first: those one is still signed in at."""
    rows = Browser.objects.visible_to(actor).select_related("member__user").order_by("-added_at", "-pk")
    return signed_in(list(rows))


def contact_of(host: str) -> str:
    """The name under which it is noted how calls to that push service went."""
    return f"push:{host}"[:100]


def outgoing() -> Iterator[Outgoing]:
    """The push services of the browsers that are told, and how the last call to each went: for the server's owner."""
    host = Func(F("endpoint"), Value("/"), Value(3), function="split_part", output_field=TextField())
    for row in Browser.objects.values(host=host).annotate(n=Count("pk")).order_by("host"):
        last = contacts.last(contact_of(row["host"]))
        yield Outgoing(_("Browser notifications"), row["host"], last.good_at, last.bad_at, last.words)


def signed_in(rows: list[Browser]) -> list[Browser]:
    """Those of these browsers (loaded with ``member__user``) whose person is still signed in there. One query."""
    keys = [row.session_key for row in rows]
    sessions = Session.objects.filter(session_key__in=keys, expire_date__gt=clock.now()) if keys else []
    held = {session.session_key: session.get_decoded() for session in sessions}
    return [row for row in rows if _is_of(held.get(row.session_key, {}), row.member.user)]


def _is_of(session: dict[str, Any], user: User) -> bool:
    """Whether a session is this person's and was not ended by a new password since."""
    if session.get(SESSION_KEY) != str(user.pk):
        return False
    said = session.get(HASH_SESSION_KEY, "")
    hashes = [user.get_session_auth_hash(), *user.get_session_auth_fallback_hash()]
    return any(constant_time_compare(said, known) for known in hashes)


def deliveries(members: list[Membership], kind: Kind) -> dict[int, Delivery]:
    """How each of these members wants to hear of this kind, by the membership's key."""
    chosen = dict(
        Preference.objects.filter(member__in=members, kind=kind.key).values_list("member", "delivery")
    )
    return {member.pk: Delivery(chosen.get(member.pk, kind.default)) for member in members}
