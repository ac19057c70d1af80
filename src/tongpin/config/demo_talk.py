"""What the people of the example company say about their projects and results, and what they link."""

from __future__ import annotations

from typing import Any

from tongpin.kernel import objects
from tongpin.kernel.tenancy.actor import Actor
from tongpin.kernel.tenancy.models import Membership, Workspace
from tongpin.modules.discussions.actions.comment import write_comment
from tongpin.modules.discussions.actions.reaction import react
from tongpin.modules.discussions.models import Comment
from tongpin.modules.relations.actions import add_relation
from tongpin.modules.workspaces.demo_people import DOMAIN

LOOKBACK, PROJECT = "goals.lookback", "workspaces.project"

#: Title of what is talked about → (who, text, who likes it), the first the thread, the others its answers.
TALKS: dict[tuple[str, str], list[tuple[str, str, str]]] = {
    (LOOKBACK, "定位打卡 v3.4"): [
        (
            "wan",
            "员工日活掉得比预期狠。{pengyue} 安卓端强制定位是不是每次都弹？\n\n"
            "- 打卡成功率 97% → 91%，只在安卓\n- 客服里“定位失败”占了三成",
            "yinuo jiangmu",
        ),
        ("pengyue", "是，后台权限被系统回收后每次都要重新授权。v3.4.2 改成可选，失败时可以补卡。", "wan"),
        ("yinuo", "同意先改成可选。记一条：**高频动作先灰度 10%**，再全量。", "wan zhixia"),
    ],
    (LOOKBACK, "开店三步引导"): [
        (
            "yuan",
            "6 个城市先上，和没上的城市比，走势在上线前是一致的。第 3 步流失最多，下一步拆开它。",
            "yinuo",
        ),
    ],
    (PROJECT, "新店开张季"): [
        ("xiaoman", "{tangguo} 餐饮展的渠道码今天能给到印刷吗？按展位分 6 个码。", ""),
        ("tangguo", "下午 4 点前发你 👌", "xiaoman"),
    ],
}
#: “first *kind* second”, told by whom.
LINKS = [
    ("wan", (LOOKBACK, "定位打卡 v3.4"), "caused", (PROJECT, "NPS 攻坚")),
    ("yuan", (LOOKBACK, "开店三步引导"), "relates", (PROJECT, "店长端")),
]


def seed(workspace: Workspace) -> None:
    """Write it once; nothing where somebody has said something already. What was renamed or deleted is left out."""
    if Comment.objects.filter(workspace=workspace).exists():
        return
    members = Membership.objects.active().filter(workspace=workspace).select_related("user", "workspace")
    people = {m.user.email.removesuffix(f"@{DOMAIN}"): m for m in members}
    system = Actor.system(workspace)
    known = {
        (key, objects.types()[key].card(row).title): row
        for key in (LOOKBACK, PROJECT)
        for row in objects.types()[key].visible_to(system)
    }
    names = {login: f"@[{m.user.name}](member:{m.public_id})" for login, m in people.items()}
    for about, said in TALKS.items():
        if about in known:
            _talk(about[0], known[about], said, people, names)
    for who, first, kind, second in LINKS:
        if first in known and second in known:
            ends = {
                "this": {"type": first[0], "id": known[first].public_id},
                "other": {"type": second[0], "id": known[second].public_id},
            }
            add_relation.run(Actor.for_member(people[who]), {"kind": kind, **ends})


def _talk(
    key: str,
    row: Any,
    said: list[tuple[str, str, str]],
    people: dict[str, Membership],
    names: dict[str, str],
) -> None:
    thread = None
    for who, text, liked_by in said:
        data = {"about_type": key, "about_id": row.public_id, "text": text.format(**names)}
        answers = {"thread": thread.public_id} if thread else {}
        comment = write_comment.run(Actor.for_member(people[who]), {**data, **answers}).value
        thread = thread or comment
        for login in liked_by.split():
            react.run(Actor.for_member(people[login]), {"emoji": "👍"}, target=comment)
