"""Files over the wire: who gets them, and that a browser never runs one."""

from __future__ import annotations

import io

import pytest
from PIL import Image

from tongpin.kernel import clock, objects
from tongpin.kernel.files import public
from tongpin.kernel.objects import Card
from tongpin.kernel.tenancy.actor import Actor
from tongpin.kernel.tenancy.models import Membership, User

pytestmark = pytest.mark.django_db

ALL = ("owner", "admin", "member", "guest", "stranger", "nobody")


@pytest.fixture(autouse=True)
def _folder(settings, tmp_path):
    settings.DATA = tmp_path


@pytest.fixture
def statuses(client_of):
    """The status each person gets for a file."""

    def ask(file):
        return {who: client_of(who).get(public.url(file)).status_code for who in ALL}

    return ask


def attachment(actor, content=b"hello", name="note.txt", **more):
    return public.store(actor, io.BytesIO(content), name, **more)


def portrait(actor, workspace=None):
    raw = io.BytesIO()
    Image.new("RGB", (300, 300)).save(raw, "PNG")
    raw.seek(0)
    return public.store_picture(actor, raw, "me.png", public.Shape.AVATAR, workspace=workspace)


def test_an_attachment_is_for_members(actor_of, statuses):
    assert statuses(attachment(actor_of("member"))) == {
        "owner": 200, "admin": 200, "member": 200, "guest": 404, "stranger": 404, "nobody": 302
    }  # fmt: skip


def test_a_guest_has_their_own(actor_of, client_of):
    file = attachment(actor_of("guest"))
    assert client_of("guest").get(public.url(file)).status_code == 200


def test_a_logo_is_for_everyone_inside(people, actor_of, statuses):
    assert statuses(portrait(actor_of("owner"), people.workspace)) == {
        "owner": 200, "admin": 200, "member": 200, "guest": 200, "stranger": 404, "nobody": 302
    }  # fmt: skip


def test_an_avatar_is_for_whom_one_works_with(people, statuses):
    assert statuses(portrait(Actor.of(people.member.user))) == {
        "owner": 200, "admin": 200, "member": 200, "guest": 200, "stranger": 404, "nobody": 302
    }  # fmt: skip


def test_what_hangs_on_an_object_is_for_those_who_see_it(people, actor_of, statuses, monkeypatch):
    """A guest sees owners and admins but not other members: so it is with a file on a member's row."""
    monkeypatch.setattr(objects, "_types", {})
    objects.register(
        Membership, label="", plural="", icon="", card=lambda row: Card("", row.public_id, "", "", "")
    )
    on_member = attachment(actor_of("owner"), subject=people.member)
    on_admin = attachment(actor_of("owner"), subject=people.admin)
    assert statuses(on_member) == {
        "owner": 200, "admin": 200, "member": 200, "guest": 404, "stranger": 404, "nobody": 302
    }  # fmt: skip
    assert statuses(on_admin)["guest"] == 200


def test_who_left_gets_nothing_any_more(people, actor_of, client_of):
    file = attachment(actor_of("member"))
    logo = portrait(actor_of("owner"), people.workspace)
    people.member.deactivated_at = clock.now()
    people.member.save()
    for asked in (file, logo):
        assert client_of("member").get(public.url(asked)).status_code == 404
    User.objects.filter(pk=people.admin.user.pk).update(is_active=False)
    assert client_of("owner").get(public.url(file)).status_code == 200


@pytest.mark.parametrize(
    ("content", "name"),
    [
        (b"<script>alert(1)</script>", "page.html"),
        (b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>", "drawing.svg"),
        (b"\x89PNG\r\n\x1a\n<script>", "picture.png"),
        (b"%PDF-1.7", "paper.pdf"),
        (b"x", 'evil"\r\nX-Evil: 1.html'),
        (b"x", "报表🎉.txt"),
    ],
)
def test_an_upload_is_never_shown_in_the_browser(actor_of, client_of, content, name):
    file = attachment(actor_of("member"), content, name)
    answer = client_of("member").get(public.url(file))
    assert answer.headers["Content-Disposition"].startswith("attachment;")
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in answer.headers["Content-Security-Policy"]
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
    assert not answer.headers["Content-Type"].startswith(("text/html", "image/svg"))
    assert "X-Evil" not in answer.headers
    assert b"".join(answer.streaming_content) == content


def test_a_picture_we_drew_is_shown_and_kept(people, client_of):
    file = portrait(Actor.of(people.member.user))
    client = client_of("owner")
    answer = client.get(public.url(file))
    assert answer.headers["Content-Type"] == "image/webp"
    assert not answer.headers.get("Content-Disposition", "inline").startswith("attachment")
    assert "private" in answer.headers["Cache-Control"]
    assert b"WEBP" in b"".join(answer.streaming_content)
    again = client.get(public.url(file), headers={"If-None-Match": answer.headers["ETag"]})
    assert again.status_code == 304


@pytest.mark.parametrize("path", ["/files/no-id/x", "/files/018f0000-0000-7000-8000-000000000000/x"])
def test_no_such_file(client_of, path):
    assert client_of("member").get(path).status_code == 404


def test_nothing_is_changed_through_here(actor_of, client_of):
    file = attachment(actor_of("member"))
    assert client_of("member").post(public.url(file)).status_code == 405
    assert client_of("member").delete(public.url(file)).status_code == 405
