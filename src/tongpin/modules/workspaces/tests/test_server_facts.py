"""The lines of the System page: what each says when things are well, late, or wrong."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core.cache import cache
from django.test import override_settings

from tongpin.kernel import clock
from tongpin.kernel.tenancy.models import User
from tongpin.kernel.upkeep.models import Kind, Run
from tongpin.modules.workspaces.queries import server_facts

pytestmark = pytest.mark.django_db


def line(label: str) -> server_facts.Fact:
    (found,) = [fact for fact in server_facts.facts() if fact.label == label]
    return found


def ran(
    kind: Kind, *, hours_ago: float, good: bool = True, words: str = "fine", file: str = "/nowhere/a.tar"
) -> Run:
    at = clock.now() - timedelta(hours=hours_ago)
    return Run.objects.create(
        kind=kind, began_at=at, ended_at=at, good=good, host="one", file=file, words=words
    )


def test_no_backup_and_no_schedule_is_bad(db):
    fact = line("Last backup")
    assert (fact.state, fact.words) == ("bad", "None yet.")
    assert "TONGPIN_BACKUP_AT" in fact.hint


@pytest.mark.parametrize(("hours", "state"), [(1, "good"), (25, "good"), (27, "warn")])
def test_a_backup_is_good_for_a_day(db, hours, state):
    ran(Kind.BACKUP, hours_ago=hours)
    with override_settings(BACKUP_AT=object()):
        assert line("Last backup").state == state


def test_a_backup_on_the_disk_of_the_data_is_no_help_when_that_dies(db, settings):
    ran(Kind.BACKUP, hours_ago=1, file=str(settings.DATA / "a.tar"))
    with override_settings(BACKUP_AT=object()):
        fact = line("Last backup")
    assert (fact.state, "TONGPIN_BACKUP_DIR" in fact.hint) == ("warn", True)


def test_a_failure_names_its_reason_and_the_last_good_one(db):
    ran(Kind.BACKUP, hours_ago=30, file="/nowhere/good.tar")
    ran(Kind.BACKUP, hours_ago=6, good=False, words="No space left on device")
    fact = line("Last backup")
    assert fact.state == "bad"
    assert fact.words == "Failed: No space left on device"
    assert fact.hint == "The last good one: good.tar."


@pytest.mark.parametrize(("days", "good", "state"), [(1, True, "good"), (9, True, "warn"), (1, False, "bad")])
def test_a_drill_is_good_for_a_week(db, days, good, state):
    ran(Kind.DRILL, hours_ago=24 * days, good=good)
    assert line("Last restore drill").state == state


@pytest.mark.parametrize(("days", "state"), [(60, "good"), (22, "good"), (3, "bad"), (-1, "bad")])
def test_days_left_of_the_certificate(db, monkeypatch, days, state):
    cache.clear()
    ends = clock.now() + timedelta(days=days, hours=1)
    monkeypatch.setattr(server_facts, "certificate_ends", lambda host, port: ends)
    with override_settings(SITE_URL="https://tongpin.example"):
        assert line("Encrypted connection").state == state


def test_plain_http_off_this_machine_is_bad(db):
    with override_settings(SITE_URL="http://tongpin.example"):
        assert line("Encrypted connection").state == "bad"
    with override_settings(SITE_URL="http://127.0.0.1:8400"):
        assert line("Encrypted connection").state == "plain"


def test_an_address_that_does_not_answer_is_said(db):
    assert isinstance(server_facts.certificate_ends("127.0.0.1", 1), str)


def test_retention_and_who_may_sign_up(people):
    assert line("Audit log").words == "Kept for ever."
    with override_settings(AUDIT_DAYS=30, SIGN_UP="invited", OIDC_ONLY=False):
        assert line("Audit log").words == "Kept for 180 days."
        assert line("Sign-in").words == "password, passkey; by invitation only"
    assert line("Who can see personal data").words.startswith("3 owners and admins")


def test_the_directory_is_named_once_among_the_ways_in(db, settings):
    settings.SIGN_UP, settings.OIDC_ONLY, settings.LDAP = "invited", False, object()
    settings.SOCIALACCOUNT_PROVIDERS = {
        "ldap": {"APPS": [{"client_id": "ldap", "settings": {"hidden": True}}]},
        "openid_connect": {"APPS": [{"name": "Corp", "provider_id": "oidc", "settings": {}}]},
    }
    words = line("Sign-in").words
    # The first account may still be anybody's.
    assert words.startswith("password, passkey, LDAP, Corp;"), words


def test_the_page_shows_them(people, client_of):
    User.objects.filter(pk=people.owner.user.pk).update(owns_server=True)
    ran(Kind.BACKUP, hours_ago=6, good=False, words="No space left on device")
    shown = client_of("owner").get("/system/").content.decode()
    assert "Failed: No space left on device" in shown
    assert "Act now" in shown
