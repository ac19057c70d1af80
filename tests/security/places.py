"""One row of every kind in acme, made through the doors, and the address parts that lead to it."""

from __future__ import annotations

import uuid

from tongpin.kernel.actions.door import run_named
from tongpin.kernel.events import relay
from tongpin.kernel.tenancy.actor import Actor
from tongpin.kernel.tenancy.models import Membership, Workspace
from tongpin.modules.analytics.actions.erasure import begin as begin_erasure
from tongpin.modules.analytics.actions.profile import learn_customers
from tongpin.modules.analytics.enums import Subject
from tongpin.modules.analytics.models import (
    Alert,
    Customer,
    Dashboard,
    DeletedAlert,
    DeletedDashboard,
    DeletedInsight,
    DeletedNote,
    DeletedSegment,
    DeletedSource,
    Erasure,
    EventFile,
    EventImport,
    EventName,
    EventProperty,
    Insight,
    Note,
    Segment,
    Source,
    SourceKey,
    Tile,
)
from tongpin.modules.digests.models import DeletedReport, DeletedRobot, Message, Report, Robot
from tongpin.modules.discussions.models import Comment, DeletedComment, Discussion
from tongpin.modules.goals.models import DeletedLookBack, LookBack
from tongpin.modules.notifications.models import Browser, MailRhythm, MutedThread, Notification, Sorting
from tongpin.modules.relations.models import Relation
from tongpin.modules.workspaces.models import (
    ApiToken,
    DeletedDepartment,
    DeletedProject,
    Department,
    Invitation,
    MemberImport,
    Project,
    WorkspaceToken,
)

SERIES = "date\tvalue\n" + "\n".join(
    f"2026-{1 + d // 28:02d}-{1 + d % 28:02d}\t{100 + d % 7}" for d in range(168)
)

#: What a browser gives when it is turned on: the keys of the example in RFC 8291.
BROWSER = {
    "endpoint": "https://push.example/send/setup",
    "p256dh": "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4",
    "auth": "BTBZMqHH6r4Tts7J_aSIgg",
    "session_key": "setup",
}

#: Of the project that ``make`` makes.
KEY = "SETUP"


def make(people) -> dict[type, uuid.UUID]:
    """Model → public id of a row of acme that belongs to its owner."""
    owner = Actor.for_member(people.owner)

    def done(name, data, **more):
        return run_named(name, owner, data, **more).value

    lookback = {"text": SERIES, "title": "Setup", "launch": "2026-05-20", "window_days": 14}
    kept = done("goals.lookback.create", lookback)
    thrown = done("goals.lookback.create", {**lookback, "title": "Thrown away"})
    done("goals.lookback.delete", {}, target=thrown)
    done("workspaces.member.change_role", {"role": "member"}, target=people.admin)
    done("workspaces.member.change_role", {"role": "admin"}, target=people.admin)
    # Private, so that a member must not see it either.
    project = done("workspaces.project.create", {"name": "Setup", "key": KEY, "visibility": "private"})
    gone = done("workspaces.project.create", {"name": "Gone", "visibility": "private"})
    done("workspaces.project.delete", {}, target=gone)
    department = done("workspaces.department.create", {"name": "Setup"})
    closed = done("workspaces.department.create", {"name": "Closed"})
    done("workspaces.department.delete", {}, target=closed)
    ends = [("goals.lookback", kept), ("workspaces.project", project)]
    this, other = ({"type": key, "id": row.public_id} for key, row in ends)
    relation = done("relations.relation.add", {"kind": "relates", "this": this, "other": other})
    robot = {
        "project": project.public_id,
        "name": "Setup",
        "address": "https://hooks.slack.com/services/T0/B0/x",
        "topics": ["projects.settings"],
    }
    posting = done("digests.robot.create", robot)
    message = done("digests.robot.test", {}, target=posting)
    removed = done("digests.robot.create", robot)
    done("digests.robot.delete", {}, target=removed)
    source = done("analytics.source.create", {"name": "Setup"})
    shut = done("analytics.source.create", {"name": "Shut"})
    done("analytics.source.delete", {}, target=shut)
    learn_customers(people.workspace, {}, {("company", "setup"): (0, 0)})
    planned = done("analytics.event.plan", {"name": "Setup"})
    wanted = done("analytics.event.plan_property", {"name": "step"}, target=planned)
    columns = {"event": "event", "user": "user", "time": "at"}
    file = {"source": source.public_id, "name": "events.csv", "digest": "0" * 64, "columns": columns}
    imported = done("analytics.import.start", file)
    trend = {"name": "Setup", "question": {"kind": "trends", "series": [{}]}}
    insight = done("analytics.insight.create", trend)
    unwanted = done("analytics.insight.create", trend)
    done("analytics.insight.delete", {}, target=unwanted)
    alert = {"insight": insight.public_id, "name": "Setup", "series": "A"}
    watched = done("analytics.alert.create", alert)
    unwatched = done("analytics.alert.create", alert)
    done("analytics.alert.delete", {}, target=unwatched)
    note = done("analytics.note.add", {"first": "2026-05-20", "text": "Setup"})
    erased = done("analytics.note.add", {"first": "2026-05-20", "text": "Gone"})
    done("analytics.note.delete", {}, target=erased)
    payers = {"name": "Setup", "rule": {"who": [{"event": "paid"}]}}
    segment = done("analytics.segment.create", payers)
    disliked = done("analytics.segment.create", payers)
    done("analytics.segment.delete", {}, target=disliked)
    board = done("analytics.dashboard.create", {"name": "Setup"})
    tile = done("analytics.dashboard.add_tile", {"insight": insight.public_id}, target=board)
    done("analytics.dashboard.share", {}, target=board)
    cleared = done("analytics.dashboard.create", {"name": "Cleared"})
    done("analytics.dashboard.delete", {}, target=cleared)
    weekly = {
        "dashboard": board.public_id,
        "every": "week",
        "at": "09:00",
        "readers": [people.owner.public_id],
    }
    report = done("digests.report.create", weekly)
    ended = done("digests.report.create", weekly)
    done("digests.report.delete", {}, target=ended)
    begun = {"source": source.public_id, "name": "half.csv", "size": 1000}
    half = done("analytics.import.begin_file", begun)
    about = {"about_type": "workspaces.project", "about_id": project.public_id}
    comment = done("discussions.comment.write", {**about, "text": "Setup"})
    silenced = done("discussions.comment.write", {**about, "text": "Gone"})
    done("discussions.comment.delete", {}, target=silenced)
    relay.run_once(own_uncommitted=True)
    line = Notification.objects.filter(recipient=people.admin).first()
    admin = Actor.for_member(people.admin)
    about = {"about_type": line.about_type, "about_id": line.about_id}
    return {
        Workspace: people.workspace.public_id,
        Membership: people.admin.public_id,
        Invitation: done(
            "workspaces.member.invite", {"email": "new@acme.example", "role": "member"}
        ).public_id,
        WorkspaceToken: done(
            "workspaces.workspace_token.create", {"name": "CI deploy", "scopes": ["goals:read"]}
        ).public_id,
        ApiToken: done("workspaces.token.create", {"name": "CI", "scopes": ["goals:read"]}).public_id,
        MemberImport: done(
            "workspaces.member_import.create",
            {"name": "people.csv", "lines": [{"number": 1, "cells": ["one@acme.example"]}]},
        ).public_id,
        LookBack: kept.public_id,
        Notification: line.public_id,
        MutedThread: run_named("notifications.thread.mute", admin, about).value.public_id,
        Browser: done("notifications.browser.add", BROWSER).public_id,
        MailRhythm: done("notifications.rhythm.set", {"rhythm": "daily"}).public_id,
        Sorting: run_named(
            "notifications.inbox.sort", admin, {"verb": "read", "ids": [line.public_id]}
        ).value.public_id,
        DeletedLookBack: thrown.public_id,
        Project: project.public_id,
        DeletedProject: gone.public_id,
        Department: department.public_id,
        DeletedDepartment: closed.public_id,
        Relation: relation.public_id,
        EventName: planned.public_id,
        EventProperty: wanted.public_id,
        Source: source.public_id,
        SourceKey: source.keys.get().public_id,
        DeletedSource: shut.public_id,
        Insight: insight.public_id,
        DeletedInsight: unwanted.public_id,
        Alert: watched.public_id,
        DeletedAlert: unwatched.public_id,
        Note: note.public_id,
        DeletedNote: erased.public_id,
        Segment: segment.public_id,
        DeletedSegment: disliked.public_id,
        Dashboard: board.public_id,
        DeletedDashboard: cleared.public_id,
        Tile: tile.public_id,
        Customer: Customer.objects.get().public_id,
        EventFile: half.public_id,
        EventImport: imported.public_id,
        Erasure: begin_erasure(people.workspace, Subject.USER, [1], owner).public_id,
        Robot: posting.public_id,
        DeletedRobot: removed.public_id,
        Message: message.public_id,
        Report: report.public_id,
        DeletedReport: ended.public_id,
        Comment: comment.public_id,
        Discussion: comment.discussion.public_id,
        DeletedComment: silenced.public_id,
    }
