from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any

import pytest

from tongpin.kernel import clock
from tongpin.modules.notifications.models import Notification


@pytest.fixture
def note(people: Any) -> Callable[..., Notification]:
    """``note("member")`` puts a line into that member's inbox, in a thread of its own unless ``about`` names one."""

    def make(who: str = "member", title: str = "Lin accepted your invitation", **fields: Any) -> Notification:
        member = people.of(who)
        return Notification.objects.create(
            workspace=member.workspace,
            recipient=member,
            event=uuid.uuid4(),
            kind="workspaces.invitation",
            subject_type="tenancy.membership",
            subject_id=people.admin.public_id,
            about_type="tenancy.membership",
            about_id=fields.pop("about", None) or uuid.uuid4(),
            by=people.admin.user,
            words={
                "en": {"title": title, "body": "Joined Acme as Member."},
                "zh-hans": {"title": f"中文：{title}", "body": "以成员身份加入了 Acme。"},
            },
            url=f"/w/{member.workspace.slug}/members/{people.admin.public_id}/",
            happened_at=fields.pop("happened_at", clock.now()),
            **fields,
        )

    return make
