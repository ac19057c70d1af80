"""Every write of this module."""

from tongpin.modules.discussions.actions.attachment import add_file
from tongpin.modules.discussions.actions.comment import (
    delete_comment,
    edit_comment,
    reopen_thread,
    resolve_thread,
    restore_comment,
    write_comment,
)
from tongpin.modules.discussions.actions.reaction import react, unreact
from tongpin.modules.discussions.actions.upkeep import follow_title, forget_unused
from tongpin.modules.discussions.actions.watching import cc, nudge, unwatch, watch

__all__ = [
    "add_file",
    "cc",
    "delete_comment",
    "edit_comment",
    "follow_title",
    "forget_unused",
    "nudge",
    "react",
    "reopen_thread",
    "resolve_thread",
    "restore_comment",
    "unreact",
    "unwatch",
    "watch",
    "write_comment",
]
