"""A colleague of a known mail domain comes in without an invitation."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.serving import Served

from .conftest import Faults
from .looking import sound
from .steps import Account, make_workspace, sign_up


@pytest.mark.parametrize("language", ["en", "zh"])
def test_coming_in_by_domain(person, served: Served, faults: Faults, language: str) -> None:
    slug, domain = f"domain-{language}", f"{language}.domain.example"
    owner, mate = person(language), person(language)
    owner.goto("/accounts/signup/")
    sign_up(owner, Account("沈一诺", f"first@{domain}"), served)
    served.script(
        "from allauth.account.models import EmailAddress;"
        f"EmailAddress.objects.filter(email='first@{domain}').update(verified=True)"
    )
    make_workspace(owner, "晴班", slug)
    owner.goto(f"/w/{slug}/members/invitations/")
    panel = owner.locator("#domains")
    panel.locator("input[name=domains]").fill("gmail.com")
    panel.locator(".form-actions button").click()
    expect(panel).to_contain_text(re.compile("Anybody can have|任何人都能注册"))
    faults.expect("422")
    expect(panel.locator("input[name=domains]")).to_have_value("gmail.com")
    panel.locator("input[name=domains]").fill(domain)
    panel.locator(".form-actions button").click()
    expect(panel.locator(".badge.good")).to_be_visible()
    sound(owner, f"domains-{language}")

    mate.goto("/accounts/signup/")
    sign_up(mate, Account("何予安", f"second@{domain}"), served)
    mate.goto("/workspaces/")
    sound(mate, f"join-{language}")
    mate.get_by_role("button", name=re.compile("Join 晴班|加入 ?晴班|加入「?晴班")).click()
    mate.wait_for_url(re.compile(f"/w/{slug}/"))
