"""The directory, the member picker and the project list with 10,000 members and 500 projects.

    python tests/perf/directory.py [REPEATS]

Prints for each the 50th and 99th percentile of the time a request takes in this process (PostgreSQL's share included),
how many queries it makes, and the ratio of its median to the baseline of the same run: one raw SQL query that reads the
first fifty members with their accounts, in the directory's order. Any other number of queries is an error.
"""

from __future__ import annotations

import statistics
import sys
import time
from collections.abc import Callable
from typing import Any

import lab

MEMBERS, PROJECTS, DEPARTMENTS = 10_000, 500, 200
FILL = f"""
import random
from tongpin.lib import pinyin
from tongpin.modules.workspaces.models import Department, DepartmentMember, Project, ProjectMember
chance = random.Random(3)
workspace = Workspace.objects.get(slug="perf")
owner = Membership.objects.get(workspace=workspace)
families, given = "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗", "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超霞平刚雨晨一诺予安小满"
names = [chance.choice(families) + "".join(chance.choices(given, k=chance.choice((1, 2)))) for _ in range({MEMBERS})]
users = User.objects.bulk_create([
    User(email=f"p{{n}}@perf.example", name=name, pinyin=pinyin.of_person(name), password="!")
    for n, name in enumerate(names)
])
roles = ["member"] * 96 + ["admin"] + ["guest"] * 3
members = Membership.objects.bulk_create(
    [Membership(workspace=workspace, user=user, role=chance.choice(roles)) for user in users]
)
words = "产品 研发 客户端 后端 测试 设计 运营 用户 活动 内容 市场 销售 客服 数据 财务 人力 门店 增长 会员 渠道".split()
departments = []
for n in range({DEPARTMENTS}):
    name = chance.choice(words) + str(n)
    parent = chance.choice(departments) if n > 9 else None
    spoken = " ".join(pinyin.syllables(name))
    departments.append(
        Department.objects.create(workspace=workspace, parent=parent, rank=f"{{n:05d}}", name=name, pinyin=spoken)
    )
DepartmentMember.objects.bulk_create([
    DepartmentMember(workspace=workspace, department=department, membership=member)
    for member in members for department in chance.sample(departments, chance.choice((1, 1, 1, 2)))
])
letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
projects = []
for n in range({PROJECTS}):
    name = f"{{chance.choice(words)}}{{chance.choice(words)}} {{n}}"
    key = "P" + "".join(letters[n // 26**i % 26] for i in range(3))
    projects.append(Project(
        workspace=workspace, name=name, pinyin=" ".join(pinyin.syllables(name)), key=key, icon="layers",
        visibility="private" if n % 5 == 0 else "open",
    ))
projects = Project.objects.bulk_create(projects)
ProjectMember.objects.bulk_create([
    ProjectMember(workspace=workspace, project=project, membership=member, role="member" if n else "lead")
    for project in projects for n, member in enumerate(chance.sample(members, 30))
])
from django.db import connection
with connection.cursor() as cursor:
    cursor.execute("ANALYZE")
"""
BASELINE = """
    SELECT m.*, u.name, u.email, u.pinyin, u.avatar FROM tenancy_membership m JOIN tenancy_user u ON u.id = m.user_id
    WHERE m.workspace_id = %s AND m.deactivated_at IS NULL
    ORDER BY CASE m.role WHEN 'owner' THEN 0 WHEN 'admin' THEN 1 WHEN 'member' THEN 2 ELSE 3 END,
    u.pinyin, u.name, m.public_id LIMIT 51
"""


def timed(act: Callable[[], Any], repeats: int) -> list[float]:
    """Milliseconds of each call, warmed up."""
    for _ in range(3):
        act()
    took = []
    for _ in range(repeats):
        began = time.perf_counter()
        act()
        took.append((time.perf_counter() - began) * 1000)
    return took


def main(repeats: int) -> None:
    with lab.server() as (served, _token):
        served.script(lab.HEAD + FILL)
        lab.use_in_this_process(served)
        from django.db import connection
        from django.test import Client
        from django.test.utils import CaptureQueriesContext

        from tongpin.kernel.tenancy.models import Membership, User, Workspace
        from tongpin.modules.workspaces.models import Department, Project

        workspace = Workspace.objects.get(slug="perf")
        member = Membership.objects.filter(workspace=workspace, role="member").order_by("pk")[5000]
        largest = Department.objects.filter(workspace=workspace, parent=None).order_by("pk").first()
        project = Project.objects.filter(workspace=workspace, visibility="open").order_by("pk")[100]
        owner, other = Client(HTTP_HOST="127.0.0.1"), Client(HTTP_HOST="127.0.0.1")
        owner.force_login(User.objects.get(email="owner@perf.example"))
        other.force_login(member.user)

        def raw() -> None:
            with connection.cursor() as cursor:
                cursor.execute(BASELINE, [workspace.pk])
                assert len(cursor.fetchall()) == 51

        def get(client: Client, path: str) -> Callable[[], Any]:
            def ask() -> None:
                answer = client.get(f"/w/perf/{path}")
                assert answer.status_code == 200, path

            return ask

        lab.heading(
            f"{MEMBERS:,} members, {PROJECTS} projects, {DEPARTMENTS} departments; {repeats} times each"
        )
        print(f"  {'':<44} {'p50 ms':>8} {'p99 ms':>8} {'queries':>8} {'× raw':>7}")
        baseline = 0.0
        faults: list[str] = []
        for name, act, most in (
            ("raw query of fifty members", raw, 1),
            ("directory", get(owner, "members/"), 10),
            ("directory, as a member", get(other, "members/"), 10),
            ("directory, searched by pinyin initials", get(owner, "members/?q=zyn"), 10),
            ("directory, searched by part of an address", get(owner, "members/?q=p77"), 10),
            (
                "directory, one department and below",
                get(owner, f"members/?department={largest.public_id}"),
                10,
            ),
            ("member card", get(other, f"members/{member.public_id}/card/"), 6),
            ("a member's own page", get(owner, f"members/{member.public_id}/"), 9),
            ("member picker, nothing typed", get(other, "members/pick/?q="), 4),
            ("member picker, two letters", get(other, "members/pick/?q=wy"), 4),
            ("department picker", get(other, "departments/pick/?q=y"), 4),
            ("project list", get(owner, "projects/"), 8),
            ("project list, as a member", get(other, "projects/"), 8),
            ("project list, searched", get(other, "projects/?q=yy"), 8),
            ("one project's members", get(owner, f"projects/{project.key}/members/"), 9),
            ("departments", get(owner, "departments/"), 8),
            ("departments, as a member", get(other, "departments/"), 8),
        ):
            took = timed(act, repeats)
            with CaptureQueriesContext(connection) as queries:  # last: the first request of a session writes
                act()
            asked = len(queries)
            faults += [f"{name}: {asked} queries, not {most}"] if asked != most else []
            middle = statistics.median(took)
            baseline = baseline or middle
            worst, share = lab.percentile(took, 0.99), middle / baseline
            print(f"  {name:<44} {middle:8.1f} {worst:8.1f} {asked:8d} {share:7.1f}", flush=True)
        sys.exit("\n".join(faults) or None)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 50)
