"""What the columns of a file of people hold, and how their cells read. In English and Chinese, as people write them."""

from __future__ import annotations

import re
from collections.abc import Sequence

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from tongpin.kernel.errors import Text
from tongpin.kernel.tenancy.enums import Language, Role
from tongpin.modules.workspaces.enums import ProjectRole

#: What a column may hold, in the order of the template file.
FIELDS: dict[str, Text] = {
    "email": _("E-mail"),
    "name": pgettext_lazy("person", "Name"),
    "role": _("Role"),
    "departments": _("Departments"),
    "projects": _("Projects"),
    "language": _("Language"),
}

_HEADS = {
    "email": ("email", "mail", "emailaddress", "邮箱", "邮件", "电子邮件", "电子邮箱", "工作邮箱", "企业邮箱"),
    "name": ("name", "fullname", "displayname", "membername", "姓名", "名字", "成员姓名", "真实姓名", "中文名"),
    "role": ("role", "workspacerole", "角色", "权限", "成员角色"),
    "departments": ("departments", "department", "dept", "team", "部门", "所属部门", "所在部门", "组织", "团队"),
    "projects": ("projects", "project", "项目", "所属项目", "参与项目"),
    "language": ("language", "lang", "locale", "语言", "界面语言"),
}  # fmt: skip

ROLES = {
    "owner": Role.OWNER, "所有者": Role.OWNER,
    "admin": Role.ADMIN, "administrator": Role.ADMIN, "管理员": Role.ADMIN,
    "member": Role.MEMBER, "成员": Role.MEMBER, "普通成员": Role.MEMBER, "员工": Role.MEMBER,
    "guest": Role.GUEST, "访客": Role.GUEST, "外部成员": Role.GUEST,
}  # fmt: skip
PROJECT_ROLES = {
    "lead": ProjectRole.LEAD, "负责人": ProjectRole.LEAD,
    "member": ProjectRole.MEMBER, "成员": ProjectRole.MEMBER,
    "viewer": ProjectRole.VIEWER, "只读": ProjectRole.VIEWER, "查看者": ProjectRole.VIEWER, "旁观": ProjectRole.VIEWER,
}  # fmt: skip
LANGUAGES = {
    "en": Language.ENGLISH, "english": Language.ENGLISH, "英文": Language.ENGLISH, "英语": Language.ENGLISH,
    "zh": Language.CHINESE, "zh-cn": Language.CHINESE, "zh-hans": Language.CHINESE, "chinese": Language.CHINESE,
    "中文": Language.CHINESE, "简体中文": Language.CHINESE,
}  # fmt: skip

_SEVERAL = re.compile(r"[;；、,，|\n]")
_BELOW = re.compile(r"[/／>＞\\]")
_AS = re.compile(r"^(?P<project>.+?)\s*(?:[:：]\s*(?P<role>[^:：]+)|[(（](?P<inside>[^()（）]+)[)）])?$")


def _plain(text: str) -> str:
    return re.sub(r"[\s_\-*＊:：]|[(（].*[)）]", "", text).lower()


def guess(head: Sequence[str], lines: Sequence[Sequence[str]]) -> dict[str, int]:
    """Which column holds what, by its heading; the addresses also by what they look like."""
    found: dict[str, int] = {}
    for at, title in enumerate(head):
        for field, words in _HEADS.items():
            if field not in found and at not in found.values() and _plain(title) in words:
                found[field] = at
    if "email" not in found:
        counts = [
            sum(at < len(cells) and "@" in cells[at] for cells in lines[:200]) for at in range(len(head))
        ]
        if counts and max(counts):
            found["email"] = counts.index(max(counts))
            for field in [f for f, at in found.items() if f != "email" and at == found["email"]]:
                del found[field]
    return found


def is_head(cells: Sequence[str]) -> bool:
    """Whether a first row names columns: then none of its cells is an address."""
    return not any("@" in cell for cell in cells)


def cell(cells: Sequence[str], at: int | None) -> str:
    """A row's cell in a column; "" where it has none."""
    return cells[at] if at is not None and at < len(cells) else ""


def departments(text: str) -> list[tuple[str, ...]]:
    """Paths from the top down: ``研发/后端；市场`` is ("研发", "后端") and ("市场",)."""
    paths = (tuple(p.strip() for p in _BELOW.split(one) if p.strip()) for one in _SEVERAL.split(text))
    return [path for path in dict.fromkeys(paths) if path]


def projects(text: str) -> list[tuple[str, str]]:
    """(key or name, role's word or ""): ``STO: member；团购（只读）``."""
    found = []
    for one in _SEVERAL.split(text):
        match = _AS.match(one.strip())
        if match:
            found.append((match["project"].strip(), (match["role"] or match["inside"] or "").strip()))
    return found
