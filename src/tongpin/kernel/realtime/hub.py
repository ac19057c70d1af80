"""One LISTEN connection a process: reads new events once, encodes each frame once, feeds every stream."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import django.db
import psycopg
import structlog
from django.db.models import Q

from tongpin.kernel import authz, clock, objects
from tongpin.kernel.events import stream
from tongpin.kernel.events.models import Event
from tongpin.kernel.events.recording import CHANNEL
from tongpin.kernel.events.stream import Position
from tongpin.kernel.realtime import audience, bearers, frames, hints, libpq, measures, viewers
from tongpin.kernel.realtime.bearers import Bearer
from tongpin.kernel.realtime.subscription import Subscription
from tongpin.kernel.realtime.threads import Threads
from tongpin.kernel.tenancy import entry
from tongpin.kernel.tenancy.models import Membership, User, Workspace

log = structlog.get_logger("tongpin.realtime")

BATCH = 500
REPLAY_MAX = 500
MARGIN_S = 2.0  # a transaction that writes events is over by then
LONGEST_SINCE_S = 3600.0
IDLE_S = 15.0  # without any hint, look anyway: a hint is only a hint
FIRST_LOOK_S, LONGEST_LOOK_S = 0.05, 0.5  # rows are there, but an older transaction still runs
SESSION_CHECK_S = 3.0
FIRST_PAUSE_S, LONGEST_PAUSE_S = 0.1, 5.0
DATABASE_GONE = (psycopg.Error, django.db.Error, OSError)
#: Events about these may change who sees what; the viewers are read again before the hint goes out.
WHO_MAY = frozenset({"tenancy.membership", "tenancy.workspace", "tenancy.user"})


@dataclass(frozen=True, slots=True)
class Hint:
    """An event ready to go out: addressed, and its frame encoded once for all."""

    event: Event
    at: Position
    frame: bytes
    owner: int | None  # of a personal subject

    @property
    def subject(self) -> viewers.Subject:
        return self.event.subject_type, self.event.subject_id


@dataclass(frozen=True, slots=True)
class Batch:
    """New events with everything needed to address them, read in one go."""

    hints: list[Hint]
    more: bool  # rows lie after these which cannot be read yet, or did not fit
    seen: dict[tuple[int, int], set[viewers.Subject]]
    people: dict[int, viewers.Viewer] | None

    def seen_by(self, viewer: viewers.Viewer, place: Membership) -> set[viewers.Subject]:
        return self.seen.get((viewer.user_id, place.workspace_id), set())


class Hub:
    """Call ``start`` on the running loop, ``stop`` before it ends. Streams: ``open`` and ``leave``."""

    def __init__(self) -> None:
        self.position: Position | None = None
        self.ready = asyncio.Event()
        self.stopping = False
        self._threads = Threads(4, "realtime")
        self._streams: set[Subscription] = set()
        self._turn = asyncio.Lock()  # no stream may join between the reading of a batch and its sending
        self._tasks: list[asyncio.Task[None]] = []

    def start(self) -> None:
        self._tasks = [asyncio.create_task(self._listen()), asyncio.create_task(self._check_sessions())]

    def end_streams(self) -> None:
        """Let every stream end now; browsers reconnect by themselves, to whoever serves then."""
        self.stopping = True
        for subscription in list(self._streams):
            subscription.close()

    async def stop(self) -> None:
        """End the streams, the listener and the threads with their connections."""
        self.end_streams()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await asyncio.get_running_loop().run_in_executor(None, self._threads.stop)

    def count_of(self, user_id: int) -> int:
        """How many streams this person has open here."""
        return sum(1 for s in self._streams if s.viewer.user_id == user_id)

    async def person_of(self, session_key: str) -> int | None:
        """The signed-in user of a session; None if there is none. Raises one of DATABASE_GONE."""
        return (await self._threads.run(viewers.people_of, [session_key])).get(session_key)

    async def bearer_of(self, secret: str, ip: str | None) -> Bearer | None:
        """Who comes with this token; None if it opens nothing. Raises Denied, or one of DATABASE_GONE."""
        return await self._threads.run(bearers.open_by, secret, ip)

    async def open(
        self,
        opened_by: str | Bearer,
        user_id: int,
        last: str | None,
        since: float | None = None,
        *,
        ip: str | None = None,
    ) -> Subscription:
        """A new stream of a session or a token that goes on after ``last`` (a Last-Event-ID), its first frames queued.

        Without ``last``, what happened from ``since`` on (Unix seconds: when the page was rendered) is told again,
        so that nothing falls between the page and its stream. Raises one of DATABASE_GONE.
        """
        async with self._turn:
            viewer = (await self._threads.run(viewers.viewers, [user_id]))[user_id]
            here = self.position
            assert here is not None, "open() before the hub was ready"
            known = Position.parse(last) if last else None
            missed: list[Event] | None = []
            if last:
                missed = await self._threads.run(_missed, known, here)
            elif since is not None:
                missed = await self._threads.run(_since, since, list(viewer.places), here)
            subscription = Subscription(opened_by, viewer, known or stream.START, ip)
            if missed is None:
                subscription.floor = here
                subscription.greet(frames.hello(here))
                subscription.overflow(here)
            else:
                # Without an id where the replay is by time: a client cut off in between asks by time again.
                subscription.greet(frames.hello(known or here, mark=bool(known or not missed)))
                batch = await self._threads.run(_addressed, missed, [viewer])
                for hint in batch.hints:
                    _offer(subscription, hint, batch)
                subscription.floor = max(known or here, here)
            self._streams.add(subscription)
            if self.stopping:
                subscription.close()
        return subscription

    def leave(self, subscription: Subscription) -> None:
        self._streams.discard(subscription)

    async def _listen(self) -> None:
        pause = FIRST_PAUSE_S
        while not self.stopping:
            try:
                params = await self._threads.run(libpq.parameters, "tongpin realtime")
                async with await psycopg.AsyncConnection.connect(**params, autocommit=True) as listener:
                    await listener.execute(f"LISTEN {CHANNEL}")
                    await listener.execute(f"LISTEN {hints.CHANNEL}")
                    await self._catch_up()
                    pause = FIRST_PAUSE_S
                    await self._follow(listener)
            except DATABASE_GONE as error:
                measures.LISTENER_LOST.inc()
                log.warning("realtime.listener_lost", error=str(error).strip(), again_in_s=pause)
                await asyncio.sleep(pause)
                pause = min(pause * 2, LONGEST_PAUSE_S)
            except Exception:
                log.exception(
                    "realtime.failed"
                )  # a fault of ours must not silence every page until a restart
                await asyncio.sleep(LONGEST_PAUSE_S)

    async def _follow(self, listener: psycopg.AsyncConnection[Any]) -> None:
        """Read on after every hint; returns only by raising."""
        look_again = FIRST_LOOK_S
        more = False
        while True:
            hinted = False
            async for said in listener.notifies(timeout=look_again if more else IDLE_S, stop_after=1):
                if said.channel == hints.CHANNEL:
                    self._pass_on(hints.heard(said.payload))
                else:
                    hinted = True
            if not hinted and not more:
                await listener.execute("SELECT 1")  # a connection that died silently is found here
            more = await self._catch_up()
            look_again = min(look_again * 2, LONGEST_LOOK_S) if more and not hinted else FIRST_LOOK_S

    def _pass_on(self, hint: hints.OwnHint) -> None:
        """To the streams of the one person it is for."""
        frame = frames.own(hint.slug, hint.subject)
        for subscription in self._streams:
            if subscription.viewer.user_id == hint.user_id and _reads(subscription, hint):
                subscription.pass_on(frame)

    async def _catch_up(self) -> bool:
        """Send out everything new. True if more is there that cannot be read yet."""
        while True:
            async with self._turn:
                if self.position is None:
                    self.position = await self._threads.run(stream.end)
                    self.ready.set()
                watching = {s.viewer.user_id: s.viewer for s in self._streams}
                batch = await self._threads.run(_read, self.position, list(watching.values()))
                if batch.people is not None:
                    self._renew(batch.people)
                if any(hint.event.subject_type in bearers.types for hint in batch.hints):
                    await self._end_stopped_tokens()  # before it is told anything that came after
                for hint in batch.hints:
                    self.position = hint.at
                    measures.FRAMES.inc(
                        sum(_offer(subscription, hint, batch) for subscription in self._streams)
                    )
            if not batch.hints:
                return batch.more

    def _renew(self, people: dict[int, viewers.Viewer]) -> None:
        for subscription in self._streams:
            fresh = people.get(subscription.viewer.user_id)
            if fresh is not None:
                subscription.viewer = fresh

    async def _end_stopped_tokens(self) -> None:
        """Close the streams of tokens that work no more: revoked, rotated or past their end. Raises one of
        DATABASE_GONE.
        """
        held = {s.bearer.key for s in self._streams if s.bearer is not None}
        if not held:
            return
        good = await self._threads.run(bearers.still_working, held)
        for subscription in list(self._streams):
            bearer = subscription.bearer
            if bearer is not None and bearer.key in held - good:
                subscription.close(frames.bye("token"))

    async def _check_sessions(self) -> None:
        """Close the streams of sessions and tokens that ended, and follow memberships that changed without an event."""
        while not self.stopping:
            await asyncio.sleep(SESSION_CHECK_S)
            if not self._streams:
                continue
            keys = {s.session_key for s in self._streams if s.bearer is None}
            try:
                good = await self._threads.run(viewers.people_of, keys)
                await self._end_stopped_tokens()
                async with (
                    self._turn
                ):  # read inside the turn, so that nothing older overwrites what an event told
                    programs = {s.viewer.user_id for s in self._streams if s.bearer is not None}
                    self._renew(await self._threads.run(viewers.viewers, {*good.values(), *programs}))
            except DATABASE_GONE:
                continue  # the listener reports it
            for subscription in list(self._streams):
                if subscription.session_key in keys and subscription.session_key not in good:
                    subscription.close(frames.bye())


def _offer(to: Subscription, hint: Hint, batch: Batch) -> bool:
    """Queue the hint if this person or token may know of it."""
    if to.bearer is not None and not to.bearer.opens(hint.event.workspace_id, hint.event.subject_type):
        return False
    place = to.viewer.places.get(hint.event.workspace_id or 0)
    if place is None or not entry.lets_in(place.workspace.allowed_networks, to.ip):
        return False
    if audience.is_personal(hint.event.subject_type):
        if hint.owner != to.viewer.user_id:
            return False
    elif place.role not in authz.ADMINS and hint.event.subject_type not in objects.types():
        return False  # nothing that people meet: tokens, invitations and the like are the administrators' business
    elif to.viewer.may_be_barred(
        place.workspace_id, hint.event.subject_type
    ) and hint.subject not in batch.seen_by(to.viewer, place):
        return False
    to.put(hint.frame, hint.at)
    return True


def _reads(to: Subscription, hint: hints.OwnHint) -> bool:
    """Whether a hint about the reader's own is for this stream: a token has one workspace, and its scopes."""
    if to.bearer is None:
        return True
    place = to.bearer.actor.workspace
    return place is not None and place.slug == hint.slug and to.bearer.opens(place.pk, hint.subject)


def _read(after: Position, watching: list[viewers.Viewer]) -> Batch:
    """The next events, addressed to those who watch."""
    events = stream.read_after(after, BATCH)
    end = Position(events[-1].xid, events[-1].pk) if events else after
    return _addressed(events, watching, more=_any_after(end))


def _addressed(events: list[Event], watching: list[viewers.Viewer], *, more: bool = False) -> Batch:
    if not events:
        return Batch([], more, {}, None)
    people = None
    if any(event.subject_type in WHO_MAY for event in events):
        people = viewers.viewers([viewer.user_id for viewer in watching])
        watching = list(people.values())
    actors = dict(User.actors.filter(pk__in={e.actor_id for e in events}).values_list("pk", "public_id"))
    slugs = dict(Workspace.objects.filter(pk__in={e.workspace_id for e in events}).values_list("pk", "slug"))
    owners = audience.owners_of(events)
    hints = []
    for event in events:
        frame = frames.changed(event, slugs.get(event.workspace_id or 0, ""), actors.get(event.actor_id or 0))
        owner = owners.get((event.subject_type, event.subject_id))
        hints.append(Hint(event, Position(event.xid, event.pk), frame, owner))
    return Batch(hints, more, viewers.seen_by_barred(events, watching), people)


def _any_after(at: Position) -> bool:
    """Whether rows lie after this place, readable yet or not."""
    return Event.objects.filter(Q(xid__gt=at.xid) | Q(xid=at.xid, pk__gt=at.id)).exists()


def _missed(known: Position | None, here: Position) -> list[Event] | None:
    """The events after ``known`` up to ``here``; None if that cannot be told: too many, or an unknown place.

    A place can be unknown because the database was restored from a backup; one after ``here`` was given out
    by another process that is further ahead.
    """
    if known is None or (
        known != stream.START and not Event.objects.filter(pk=known.id, xid=known.xid).exists()
    ):
        return None
    if known >= here:
        return []
    events = [e for e in stream.read_after(known, REPLAY_MAX + 1) if Position(e.xid, e.pk) <= here]
    return events if len(events) <= REPLAY_MAX else None


def _since(moment: float, workspace_ids: list[int], here: Position) -> list[Event] | None:
    """The events of these workspaces from a moment on, up to ``here``; None if they are too many or it is too long ago.

    An event carries the time it was written, its transaction ends a little later: hence MARGIN_S.
    """
    now = clock.now().timestamp()
    if not now - LONGEST_SINCE_S <= moment <= now + LONGEST_SINCE_S:
        return None
    start = datetime.fromtimestamp(moment - MARGIN_S, UTC)
    rows = Event.objects.filter(workspace__in=workspace_ids, at__gte=start).order_by("xid", "pk")[
        : REPLAY_MAX + 1
    ]
    events = [e for e in rows if Position(e.xid, e.pk) <= here]
    return events if len(events) <= REPLAY_MAX else None
