"""Every address of the server, opened and posted to by everyone who may not."""

from __future__ import annotations

import re

import pytest
from django.urls import get_resolver

from tongpin.kernel import authz
from tongpin.kernel.tenancy.enums import Role
from tongpin.kernel.tenancy.models import Membership
from tongpin.modules.goals.models import LookBack
from tongpin.modules.workspaces.models import ApiToken, Invitation

from ..architecture.test_running import patterns
from .places import make
from .watching import fingerprint

IN_WORKSPACE = [
    (address, view.access)
    for address, view in patterns(get_resolver())
    if "." in str(getattr(view, "access", ""))
]
OWNERS_OF_IDS = {"lookback": LookBack, "member": Membership, "invitation": Invitation, "token": ApiToken}


def fill(address: str, targets, slug: str = "acme") -> str:
    """The pattern with acme's slug and the ids of acme's rows; text parts get a plain word."""

    def part(found: re.Match[str]) -> str:
        converter, _, name = found[1].rpartition(":")
        if name == "slug":
            return slug
        if converter == "uuid":
            model = next(
                (m for word, m in OWNERS_OF_IDS.items() if word in address or word in name), LookBack
            )
            return str(targets[model])
        return "1" if converter == "int" else "word"

    return "/" + re.sub(r"<([^>]+)>", part, address)


def test_there_are_addresses_to_try():
    assert len(IN_WORKSPACE) > 15


@pytest.mark.parametrize(("address", "access"), IN_WORKSPACE)
def test_a_stranger_sees_none_of_it(people, client_of, address, access):
    url, client = fill(address, make(people)), client_of("stranger")
    before = fingerprint()
    assert client.get(url).status_code in {404, 405}
    assert client.post(url, {"name": "x", "title": "x", "role": "owner"}).status_code in {404, 405}
    assert fingerprint() == before


@pytest.mark.parametrize(("address", "access"), IN_WORKSPACE)
def test_nobody_is_asked_to_sign_in(people, client_of, address, access):
    url, client = fill(address, make(people)), client_of("nobody")
    before = fingerprint()
    for answer in (client.get(url), client.post(url, {"name": "x"})):
        assert answer.status_code in {302, 401, 404, 405}
        if answer.status_code == 302:
            assert answer["Location"].startswith("/accounts/login/")
    assert fingerprint() == before


@pytest.mark.parametrize(("address", "access"), IN_WORKSPACE)
def test_a_guest_opens_only_what_a_guest_may(people, client_of, address, access):
    if Role.GUEST in authz.permissions()[access].roles:
        pytest.skip("guests may open it; what they see there is tested with it")
    url, client = fill(address, make(people)), client_of("guest")
    before = fingerprint()
    assert client.get(url).status_code in {403, 404, 405}
    assert client.post(url, {"name": "x", "title": "x", "role": "owner"}).status_code in {403, 404, 405}
    assert fingerprint() == before
