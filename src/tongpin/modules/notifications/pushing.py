"""Talking to push services: the worker calls ``run_once`` when woken and at least every few seconds.

A push is sent at least once: the browser shows one of a thread in the place of the one before it.
"""

from __future__ import annotations

import hashlib
import json
from urllib.parse import urlsplit

from django.urls import reverse
from django.utils import translation

from tongpin.kernel import clock, keyring, objects
from tongpin.kernel.push import service, wire
from tongpin.kernel.push.service import Answer, Verdict
from tongpin.kernel.tenancy.actor import Actor
from tongpin.kernel.upkeep import contacts
from tongpin.modules.notifications.actions import pushes
from tongpin.modules.notifications.models import Push
from tongpin.modules.notifications.queries import contact_of, signed_in

TITLE_MAX, BODY_MAX = 120, 200  # characters


def run_once() -> int:
    """Send what is due, at most ``pushes.BATCH``. Returns how many were taken in hand."""
    taken = pushes.claim()
    for push in taken:
        pushes.settle(push, _post(push))
    return len(taken)


def _post(push: Push) -> Answer:
    browser = push.browser
    if not signed_in([browser]):
        return Answer(Verdict.GONE, "signed out")
    message = _message(push)
    if message is None:
        return Answer(Verdict.REFUSED)
    try:
        answer = service.post(
            browser.endpoint,
            browser.p256dh,
            browser.auth,
            message,
            topic=_topic(push),
            ttl=int(pushes.OLDEST.total_seconds()),
        )
    except keyring.KeyLost:
        return Answer(Verdict.LATER, "key lost")
    if answer.verdict in (
        Verdict.TAKEN,
        Verdict.LATER,
    ):  # the other two tell of the browser, not of its service
        contacts.note(contact_of(urlsplit(browser.endpoint).netloc), error=answer.said)
    return answer


def _message(push: Push) -> bytes | None:
    """What the service worker shows (``islands/sw.ts``), in the reader's language; None where it is news no more, or
    not for this member. It says what happened to which object, and nothing of what was written.
    """
    line, member = push.notification, push.browser.member
    waiting = line.read_at is None and line.archived_at is None and line.snoozed_until is None
    present = member.deactivated_at is None and member.user.is_active and member.workspace.deleted_at is None
    if not waiting or not present or clock.now() - push.created_at > pushes.OLDEST:
        return None
    with translation.override(member.user.language):
        card = objects.cards(Actor.for_member(member), [line.thread]).get(line.thread)
        if card is None:
            return None
        said = {
            "title": card.title[:TITLE_MAX],
            "body": line.title[:BODY_MAX],
            "url": reverse("notifications:open", args=[member.workspace.slug, line.public_id]),
            "tag": _topic(push),
        }
    return json.dumps(said, ensure_ascii=False).encode()


def _topic(push: Push) -> str:
    """A name of the thread that tells the push service nothing."""
    seed = f"{push.browser.mark}:{push.notification.about_type}:{push.notification.about_id}"
    return wire.encode(hashlib.sha256(seed.encode()).digest()[:24])
