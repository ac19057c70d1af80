"""What a person does with a robot's messages: try one out, send one again."""

from __future__ import annotations

from datetime import timedelta

from django.utils import translation
from django.utils.translation import gettext as _

from tongpin.kernel import clock
from tongpin.kernel.actions import rate
from tongpin.kernel.actions.registry import Empty, action
from tongpin.kernel.errors import Conflict, Throttled
from tongpin.kernel.tenancy.actor import Actor
from tongpin.modules.digests.actions import queue
from tongpin.modules.digests.enums import MessageState
from tongpin.modules.digests.models import Message, Robot
from tongpin.modules.digests.permissions import EDIT

TESTS_A_MINUTE = 3
PATIENCE = timedelta(seconds=5)


@action("digests.robot.test", permission=EDIT.name, target=Robot)
def try_robot(actor: Actor, row: Robot, data: Empty) -> Message:
    """Send a message to try the robot out, at most three a minute; also a paused one."""
    used, left = rate.count(f"digests.test:{row.pk}", 60)
    if used > TESTS_A_MINUTE:
        raise Throttled(
            _("Three tries a minute are enough for a group."),
            seconds=left,
            hint=_("Try again in a minute."),
        )
    with translation.override(row.language):
        name = actor.user.get_short_name() if actor.user else _("The server")
        said = _("%(name)s tries out this robot. News of the project will come here.") % {"name": name}
    message = Message(workspace=row.workspace, robot=row, is_test=True, first=said[:300])
    message.save()
    # Whoever waits for the answer has it sent at once (``sending.run_for``); else a worker sees to it.
    queue.look_at({row.pk}, clock.now() + PATIENCE)
    return message


@action("digests.message.retry", permission=EDIT.name, target=Message)
def retry_message(actor: Actor, row: Message, data: Empty) -> Message:
    """Send a message again that did not arrive."""
    if row.state != MessageState.FAILED or row.is_test:
        raise Conflict(_("This message is not one that failed."), code="not_failed")
    if row.robot.paused_at is not None:
        raise Conflict(
            _("The robot is paused."), code="paused", hint=_("Resume it first, then send the message again.")
        )
    queue.put_back(row)
    row.refresh_from_db()
    return row
