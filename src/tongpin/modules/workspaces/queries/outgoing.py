"""Whom the server calls of its own accord as it is set up, and how that went last."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.db.models import Max
from django.utils.translation import gettext as _

from tongpin.kernel.mail.models import MailState, OutboxMail
from tongpin.kernel.upkeep import contacts
from tongpin.kernel.upkeep.contacts import Outgoing
from tongpin.modules.workspaces import upgrades
from tongpin.modules.workspaces.ldap import directory

_MESSENGERS = {"feishu": "open.feishu.cn", "dingtalk": "api.dingtalk.com", "wecom": "qyapi.weixin.qq.com"}


def outgoing() -> Iterator[Outgoing]:
    """Mail, directory, sign-in, databases elsewhere, new versions."""
    if settings.MAIL_TRANSPORT:
        yield _mail(urlsplit(settings.MAIL_TRANSPORT).hostname or "")
    if settings.LDAP is not None:
        yield _noted(_("Company directory"), settings.LDAP.host, directory.CONTACT, "sign-in")
    for label, host in _providers():
        yield _noted(_("Sign-in: %(name)s") % {"name": label}, host, f"sign-in:{host}", "sign-in")
    for label, name in ((_("Database"), "DATABASE_URL"), (_("Event store"), "CLICKHOUSE_URL")):
        if elsewhere := urlsplit(os.environ.get(name, "")).hostname:
            yield Outgoing(label, elsewhere, guide="many-machines")
    if settings.UPGRADE_FEED:
        yield _noted(_("New versions"), upgrades.host(), upgrades.CONTACT, "backup")


def _noted(label: str, host: str, name: str, guide: str) -> Outgoing:
    row = contacts.last(name)
    return Outgoing(label, host, row.good_at, row.bad_at, row.words, guide)


def _mail(host: str) -> Outgoing:
    """As the outbox tells it: a mail that waits for another try has what the mail server said last."""
    sent = OutboxMail.objects.filter(state=MailState.SENT).aggregate(at=Max("sent_at"))["at"]
    waiting = OutboxMail.objects.filter(state=MailState.QUEUED, attempts__gt=0).order_by("-pk").first()
    if waiting is None:
        return Outgoing(_("Mail server"), host, sent)
    return Outgoing(_("Mail server"), host, sent, waiting.created_at, waiting.error)


def _providers() -> Iterator[tuple[str, str]]:
    for name, given in settings.SOCIALACCOUNT_PROVIDERS.items():
        for app in given.get("APPS", []):
            said: dict[str, Any] = app.get("settings", {})
            address = said.get("api") or said.get("server_url") or ""
            host = urlsplit(str(address)).hostname or _MESSENGERS.get(name, "")
            if host:
                yield str(app.get("name") or app.get("provider_id") or name), host
