"""Who works at 晴班 Qingban, the example company. Names and addresses are invented. No Django here: the command
line reads the logins before anything is loaded.
"""

from __future__ import annotations

from typing import NamedTuple

PASSWORD = "tongpin-demo"  # noqa: S105  printed on purpose
DOMAIN = "qingban.example"
WORKSPACE = ("晴班 Qingban", "qingban")
OWNER = "mu"


class Person(NamedTuple):
    """``login`` is the part of the address before the @."""

    login: str
    name: str
    work: str
    language: str = "zh-hans"
    time_zone: str = "Asia/Shanghai"
    role: str = "member"

    @property
    def email(self) -> str:
        return f"{self.login}@{DOMAIN}"


PEOPLE = [
    Person("mu", "周牧", "CTO", role="owner"),
    Person("yinuo", "沈一诺", "产品运营负责人", role="admin"),
    Person("che", "林澈", "CEO", role="admin"),
    Person("zhixia", "许知夏", "产品负责人"),
    Person("yuan", "何予安", "产品经理 · 店长端"),
    Person("wan", "宋晚", "产品经理 · 员工端"),
    Person("daniel", "Daniel Tan", "Product manager · Singapore", "en", "Asia/Singapore"),
    Person("xiaoman", "罗小满", "活动运营"),
    Person("jiangmu", "蒋沐", "用户运营"),
    Person("emily", "Emily Koh", "Content", "en", "Asia/Singapore"),
    Person("guyan", "顾言", "数据分析"),
    Person("yeqing", "叶青", "设计"),
    Person("hang", "邵航", "研发负责人"),
    Person("pengyue", "彭越", "Android"),
    Person("gaojie", "高洁", "iOS"),
    Person("lufeng", "卢峰", "后端"),
    Person("dingning", "丁宁", "测试"),
    Person("tangguo", "唐果", "市场"),
    Person("mayue", "马跃", "销售"),
    Person("bailu", "白露", "客户成功"),
    Person("xiahe", "夏禾", "客服"),
    Person("priya", "Priya Nair", "Support", "en", "Asia/Singapore"),
    Person("shenqiao", "沈乔", "HR"),
    Person("kim", "Kim", "Guest · agency", "en", "Asia/Singapore", role="guest"),
]

_PRINTED = ("yinuo", "yuan", "xiaoman", "mu", "kim")
LOGINS = [(p.email, f"{p.name} · {p.work}") for login in _PRINTED for p in PEOPLE if p.login == login]
