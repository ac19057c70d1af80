"""A file of people: read, looked at, imported, taken back; in both languages, on a desk and a phone."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.serving import Served

from .looking import sound
from .steps import Account, invitation_link, join, make_workspace, sign_up

FILE = (
    "邮箱,姓名,角色,所属部门\n"
    "yinuo@import.example,沈一诺,管理员,研发/后端\n"
    "long@import.example,一个名字非常非常长的同事用来看表格会不会被撑破🎉,成员,增长与用户运营中心/拉新活动与渠道投放组\n"
    "坏地址,何予安,成员,市场\n"
    "yinuo@import.example,又一个,,\n"
)


@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_file_of_people(person, served: Served, language: str) -> None:
    slug = f"import-{language}"
    page = person(language)
    page.goto("/accounts/signup/")
    sign_up(page, Account("沈一诺", f"importer-{language}@import.example"), served)
    make_workspace(page, "晴班", slug)
    page.goto(f"/w/{slug}/members/invitations/")
    page.get_by_role("link", name=re.compile("Import from a file|从文件导入")).click()
    sound(page, f"import-file-{language}")
    page.set_input_files(
        "input[name=file]", {"name": "成员.csv", "mimeType": "text/csv", "buffer": FILE.encode("gb18030")}
    )
    page.locator("main form .btn-primary").click()
    page.wait_for_url(re.compile("/members/import/[0-9a-f-]{36}/"))
    expect(page.locator("tbody tr")).to_have_count(4)
    expect(page.locator("tbody tr", has_text="坏地址")).to_contain_text(re.compile("not an e-mail|不是邮箱"))
    sound(page, f"import-preview-{language}")

    # Another column: without a name the preview shows none.
    page.select_option("#column-name", "")
    expect(page.locator("tbody")).not_to_contain_text("沈一诺")
    page.select_option("#column-name", "1")
    expect(page.locator("tbody tr").first).to_contain_text("沈一诺")

    page.locator("form[action$='/start/'] .btn-primary").click()
    expect(page.locator("main")).to_contain_text(re.compile("2 people invited|已邀请 2 人"))
    sound(page, f"import-report-{language}")
    page.goto(f"/w/{slug}/members/invitations/")
    expect(page.locator("#invitations")).to_contain_text("yinuo@import.example")
    page.go_back()
    page.locator("form[action$='/undo/'] button").click()
    expect(page.locator("main")).to_contain_text(re.compile("was taken back|已撤回"))
    page.goto(f"/w/{slug}/members/invitations/")
    expect(page.locator("main")).not_to_contain_text("yinuo@import.example")


SAYS = {
    "en": {
        "role": "Role: Member → Admin",
        "departments": "Departments: none → 研发 / 后端",
        "done": "1 member updated.",
    },
    "zh": {
        "role": "角色：成员 → 管理员",
        "departments": "部门：无 → 研发 / 后端",
        "done": "已更新 1 位成员。",
    },
}


@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_file_updates_who_is_there(person, served: Served, language: str) -> None:
    """The staff list of next quarter: who is a member already gets another role and department, if one says so."""
    slug, words = f"again-{language}", SAYS[language]
    page, mate = person(language), Account("何予安", f"yuan-{language}@again.example")
    page.goto("/accounts/signup/")
    sign_up(page, Account("沈一诺", f"again-{language}@again.example"), served)
    make_workspace(page, "晴班", slug)
    join(person(language), invitation_link(page, slug, "member"), mate)

    page.goto(f"/w/{slug}/members/import/")
    text = f"邮箱,角色,部门\n{mate.email},管理员,研发/后端\n"
    file = {"name": "花名册.csv", "mimeType": "text/csv", "buffer": text.encode()}
    page.set_input_files("input[name=file]", file)
    page.locator("main form .btn-primary").click()
    row = page.locator("tbody tr")
    expect(row).to_contain_text(words["role"])
    expect(row).to_contain_text(words["departments"])
    sound(page, f"import-update-{language}")
    expect(page.locator("input[name=update_members]")).to_be_checked()
    page.locator("form[action$='/start/'] .btn-primary").click()
    expect(page.locator("main")).to_contain_text(words["done"])
    sound(page, f"import-updated-{language}")

    page.locator("form[action$='/undo/'] button").click()
    page.goto(f"/w/{slug}/members/?q={mate.email}")
    expect(page.locator("#members li")).to_have_count(1)
    expect(page.locator("#members select[name=role]")).to_have_value("member")
    expect(page.locator("#members li")).not_to_contain_text("后端")
