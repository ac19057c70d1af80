"""Every address of the server, opened and posted to by everyone who may not."""

from __future__ import annotations

from django.urls import get_resolver

from tests.architecture.test_running import patterns
from tongpin.kernel import authz
from tongpin.kernel.tenancy.enums import Role

from .every import fill
from .places import make
from .watching import fingerprint

IN_WORKSPACE = [
    (address, view.access)
    for address, view in patterns(get_resolver())
    if "." in str(getattr(view, "access", ""))
]


def opened(client, targets, addresses, allowed) -> list[str]:
    """The addresses that answered a GET or a POST with something else than ``allowed``, or changed something."""
    found, before = [], fingerprint()
    for address, _access in addresses:
        url = fill(address, targets)
        for answer in (
            client.get(url),
            client.post(url, {"name": "x", "title": "x", "role": "owner", "text": "x"}),
        ):
            if answer.status_code not in allowed:
                found.append(f"{url} {answer.status_code}")
            if answer.status_code == 302 and not answer["Location"].startswith("/accounts/login/"):
                found.append(f"{url} to {answer['Location']}")
        if fingerprint() != before:
            found.append(f"{url} changed something")
            before = fingerprint()
    return found


def test_there_are_addresses_to_try():
    assert len(IN_WORKSPACE) > 15


def test_a_stranger_sees_none_of_it(people, client_of):
    targets = make(people)
    assert opened(client_of("stranger"), targets, IN_WORKSPACE, {404, 405}) == []


def test_nobody_is_asked_to_sign_in(people, client_of):
    targets = make(people)
    assert opened(client_of("nobody"), targets, IN_WORKSPACE, {302, 401, 404, 405}) == []


def test_a_guest_opens_only_what_a_guest_may(people, client_of):
    closed = [
        (a, access) for a, access in IN_WORKSPACE if Role.GUEST not in authz.permissions()[access].roles
    ]
    assert closed
    targets = make(people)
    assert opened(client_of("guest"), targets, closed, {403, 404, 405}) == []
