"""The example company's departments and projects: plain data, by the logins of ``demo_people``."""

from __future__ import annotations

from typing import NamedTuple


class DemoDepartment(NamedTuple):
    """``inside`` is the name of the department it stands in, or ""."""

    name: str
    inside: str = ""
    lead: str = ""
    members: str = ""


DEPARTMENTS = [
    DemoDepartment("产品", lead="zhixia", members="zhixia yuan wan daniel"),
    DemoDepartment("研发", lead="hang", members="hang mu"),
    DemoDepartment("客户端", "研发", "pengyue", "pengyue gaojie"),
    DemoDepartment("后端", "研发", members="lufeng"),
    DemoDepartment("测试", "研发", members="dingning"),
    DemoDepartment("设计", lead="yeqing", members="yeqing"),
    DemoDepartment("运营", lead="yinuo", members="yinuo guyan"),
    DemoDepartment("用户", "运营", members="jiangmu"),
    DemoDepartment("活动", "运营", members="xiaoman"),
    DemoDepartment("内容", "运营", members="emily"),
    DemoDepartment("市场", lead="tangguo", members="tangguo"),
    DemoDepartment("销售", lead="mayue", members="mayue"),
    DemoDepartment("客户成功", lead="bailu", members="bailu xiahe priya"),
    DemoDepartment("新加坡", lead="daniel", members="daniel emily priya"),
]


class DemoProject(NamedTuple):
    """``members`` work in it, ``viewers`` read; ``pinned_by`` keep it in their sidebar."""

    key: str
    name: str
    kind: str
    purpose: str
    icon: str
    hue: int
    lead: str
    members: str
    viewers: str = ""
    pinned_by: str = ""


PROJECTS = [
    DemoProject(
        "STO", "店长端", "product",
        "店长排班、审批和看数据的地方（网页 + 小程序）。\n做得好：7 日内完成首次排班的新门店从 34% 到 42%。",
        "store", 1, "yuan", "yinuo zhixia yeqing hang lufeng dingning guyan", "bailu xiahe", "yinuo yuan",
    ),
    DemoProject(
        "STF", "员工端", "product",
        "员工看班表、换班和打卡的 App（Android / iOS）。\n做得好：打卡成功率稳定在 97% 以上，员工 NPS 回到 30 以上。",
        "smartphone", 3, "wan", "yinuo zhixia yeqing pengyue gaojie lufeng dingning", "xiahe priya", "yinuo wan",
    ),
    DemoProject(
        "OPEN", "新店开张季", "campaign",
        "三周的开店季活动：线上领券，线下餐饮展和地推。\n目标：核销 500 张券，单店获客成本不超过 70 元。",
        "party-popper", 5, "xiaoman", "yinuo jiangmu emily tangguo mayue kim", "che", "xiaoman",
    ),
    DemoProject(
        "NPS", "NPS 攻坚", "task_force",
        "定位打卡上线后员工端 NPS 从 33 掉到 14。查清原因，改掉它，再问一遍受影响的人。",
        "target", 6, "jiangmu", "yinuo wan pengyue guyan xiahe bailu priya", "mu", "jiangmu",
    ),
]  # fmt: skip
