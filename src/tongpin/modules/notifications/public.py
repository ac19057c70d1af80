"""What other modules may call: say which of their events are news.

    RESULT = Kind("goals.result", _("Results"), _("A look back of yours has its result."), icon="flask-conical")
    rule("goals.lookback_evaluated", kind=RESULT, recipients=author_of, wording=result_words)      # in apps.ready()

``recipients(event)`` gives Memberships (load ``user`` with them); ``wording(event, language)`` a ``Wording``. Nobody is
told of their own doing. Guests are told only of what they may see: register the event's subject type in ``objects``.
"""

from __future__ import annotations

from tongpin.modules.notifications.enums import Delivery
from tongpin.modules.notifications.kinds import Kind, Recipients, Rule, Wording, Words, add
from tongpin.modules.notifications.queries import unread

__all__ = ["Delivery", "Kind", "Wording", "rule", "unread"]


def rule(
    event_name: str,
    *,
    kind: Kind,
    recipients: Recipients,
    wording: Words,
    reaches_deactivated: bool = False,
) -> None:
    """Make an event news of this kind. Called from ``ready()``; the same rule twice counts once."""
    add(Rule(event_name, kind, recipients, wording, reaches_deactivated))
