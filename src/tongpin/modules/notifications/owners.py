"""Whose row it is, for the live stream."""

from __future__ import annotations

import uuid

from tongpin.modules.notifications.models import Browser, MailRhythm, Notification, Preference


def of_notifications(ids: list[uuid.UUID]) -> dict[uuid.UUID, int]:
    """The recipient's user key by public id."""
    return dict(Notification.objects.filter(public_id__in=ids).values_list("public_id", "recipient__user"))


def of_preferences(ids: list[uuid.UUID]) -> dict[uuid.UUID, int]:
    """The member's user key by public id."""
    return dict(Preference.objects.filter(public_id__in=ids).values_list("public_id", "member__user"))


def of_rhythms(ids: list[uuid.UUID]) -> dict[uuid.UUID, int]:
    """The member's user key by public id."""
    return dict(MailRhythm.objects.filter(public_id__in=ids).values_list("public_id", "member__user"))


def of_browsers(ids: list[uuid.UUID]) -> dict[uuid.UUID, int]:
    """The member's user key by public id."""
    return dict(Browser.objects.filter(public_id__in=ids).values_list("public_id", "member__user"))
