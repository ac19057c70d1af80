"""Who may bring files in, and what an import may be done with."""

from __future__ import annotations

import pytest

from tongpin.kernel.errors import Conflict, Denied, Invalid, NotFound
from tongpin.modules.analytics.actions import event_file as files
from tongpin.modules.analytics.actions import event_import as actions
from tongpin.modules.analytics.importing import keeping
from tongpin.modules.analytics.models import EventFile, EventImport, RefusedRow
from tongpin.modules.analytics.tests.importing.uploading import (
    CSV,
    begin,
    read,
    started,
    upload,
)

pytestmark = pytest.mark.django_db(transaction=True)


def everything():
    rows = [list(m.objects.order_by("pk").values()) for m in (EventFile, EventImport, RefusedRow)]
    return rows, {path.name: path.read_bytes() for path in keeping.names()}


@pytest.mark.parametrize("who", ["member", "guest", "stranger"])
def test_only_owners_and_admins_bring_files_in(source, owner, here, actor_of, who):
    upload(owner, here)
    begin(owner, here, name="half.csv")
    file = EventFile.objects.get(name="events.csv")
    row = started(owner, here)
    actions.stop_import.run(actor_of("owner"), {}, target=row)
    before = everything()
    actor = actor_of(who)
    begun = {"source": source.public_id, "name": "x.csv", "size": 10}
    with pytest.raises((Denied, NotFound)):
        files.begin_file.run(actor, begun)
    with pytest.raises((Denied, NotFound)):
        files.put_part(
            actor, source.public_id, EventFile.objects.get(name="half.csv").public_id, 0, CSV.encode()
        )
    with pytest.raises((Denied, NotFound)):
        files.forget_file.run(actor, {}, target=file)
    for action, data in ((actions.resume_import, {}), (actions.fail_import, {"trouble": "lost"})):
        with pytest.raises((Denied, NotFound)):
            action.run(actor, data, target=row)
    assert everything() == before


def test_nobody_but_the_server_says_it_broke_off(owner, here, actor_of):
    row = started(owner, here)
    before = everything()
    with pytest.raises(Denied):
        actions.fail_import.run(actor_of("owner"), {"trouble": "lost"}, target=row)
    assert everything() == before


def test_over_http_members_look_and_strangers_see_nothing(owner, client_of, here):
    member, stranger = client_of("member"), client_of("stranger")
    next_ = upload(owner, here)
    half = begin(owner, here, name="half.csv").json()
    row = started(owner, here)
    read(row)
    before = everything()
    report = f"{here}{row.public_id}/"
    looked = member.get(report).content.decode()
    assert "New events" in looked
    assert "never" not in looked, "what stands in refused rows is for those who import"
    assert "tp-event-file" not in member.get(here).content.decode()
    for page in (next_, report + "refused.csv", half["url"]):
        assert member.get(page).status_code == 403
    for each in (here, report, next_, half["url"]):
        assert stranger.get(each).status_code == 404
    posts = [here + "files/", next_, next_ + "start/", next_ + "forget/", half["url"]]
    posts += [report + verb for verb in ("stop/", "resume/", "undo/")]
    for page in posts:
        assert member.post(page).status_code == 403
        assert stranger.post(page).status_code == 404
    assert everything() == before


def test_resume_without_the_file_says_what_to_do(owner, here, actor_of):
    row = started(owner, here)
    actions.stop_import.run(actor_of("owner"), {}, target=row)
    files.forget_file.run(actor_of("owner"), {}, target=EventFile.objects.get())
    with pytest.raises(Conflict) as refused:
        actions.resume_import.run(actor_of("owner"), {}, target=row)
    assert refused.value.code == "import_file_gone"
    assert started(owner, here).pk == row.pk


def test_a_file_being_read_is_not_removed(owner, here, actor_of):
    row = started(owner, here)
    with pytest.raises(Conflict):
        files.forget_file.run(actor_of("owner"), {}, target=EventFile.objects.get(event_import=row))
    assert EventFile.objects.exists()


def test_an_import_takes_only_a_file_of_its_source_that_is_all_here(owner, here, source, actor_of):
    begin(owner, here)
    half = EventFile.objects.get()
    data = {
        "source": source.public_id, "name": "x", "digest": "0" * 64, "file": half.public_id,
        "columns": {"event": "action", "user": "user_id", "time": "at"},
    }  # fmt: skip
    with pytest.raises(Invalid):
        actions.start_import.run(actor_of("owner"), data)
    assert not EventImport.objects.exists()
