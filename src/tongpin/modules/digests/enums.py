from __future__ import annotations

from enum import StrEnum

from django.db import models
from django.utils.translation import gettext_lazy as _


class VendorName(models.TextChoices):
    """Whose group chat it is. Told from the address, never asked."""

    FEISHU = "feishu", _("Feishu")
    DINGTALK = "dingtalk", _("DingTalk")
    WECOM = "wecom", _("WeCom")
    SLACK = "slack", _("Slack")


class Verdict(StrEnum):
    """What an answer of a vendor means for the message and its robot."""

    DELIVERED = "delivered"
    LATER = "later"  # too many messages
    TROUBLE = "trouble"  # no usable answer: tried again
    REJECTED = "rejected"  # the message itself is refused
    FIX = "fix"  # a person must mend something


class Why(models.TextChoices):
    """Why a robot does not send, or a message did not arrive."""

    PERSON = "person", _("Paused by a member.")
    OWNER_LEFT = "owner_left", _("The member it acts for is no longer in the workspace.")
    OWNER_OUT = "owner_out", _("The member it acts for no longer sees this project.")
    SIGN = "sign", _("The signature was refused. Enter the signing secret of the robot again.")
    KEYWORD = "keyword", _("The group wants a keyword. Add “同频” to the robot’s keywords in the group.")
    IP = (
        "ip",
        _("The group does not accept this server’s address. Add it to the robot’s IP list in the group."),
    )
    GONE = "gone", _("The robot is no longer in the group. Make a new one there and enter its address.")
    ADDRESS = "address", _("The address cannot be called. Copy it from the group again.")
    KEY_LOST = "key_lost", _("This server can no longer read the address. Enter it again.")
    REJECTED = "rejected", _("The group refused the message itself.")
    LIMITED = "limited", _("The group takes no more messages for now.")
    UNREACHED = "unreached", _("The group’s server could not be reached.")
    TOO_OLD = "too_old", _("It waited longer than a day.")


class MessageState(models.TextChoices):
    WAITING = "waiting", _("Waiting")
    SENDING = "sending", _("Being sent")
    SENT = "sent", _("Sent")
    FAILED = "failed", _("Not delivered")


class Every(models.TextChoices):
    """How often a report is sent."""

    DAY = "day", _("Every day")
    WORKDAY = "workday", _("Every working day")
    WEEK = "week", _("Every week")
    MONTH = "month", _("Every month")


class RunState(models.TextChoices):
    """What became of one sending of a report."""

    SENT = "sent", _("Sent")
    NOBODY = "nobody", _("Nobody to send it to")


class ReportWhy(models.TextChoices):
    """Why a report is paused."""

    PERSON = "person", _("Paused by a member.")
    OWNER_LEFT = (
        "owner_left",
        _("The member it acts for is no longer in the workspace, or may not see dashboards."),
    )
    GONE = "gone", _("Its dashboard was deleted.")
