"""Giving out and erasing one person's or customer's data; erased means that a search of every table finds nothing."""

from __future__ import annotations

import io
import json
import uuid
import zipfile
from datetime import timedelta

import pytest
from django.db import connection
from django.urls import reverse

from tongpin.kernel import clock
from tongpin.kernel.errors import Denied, Invalid, NotFound
from tongpin.kernel.store import client
from tongpin.modules.analytics import identity, people_jobs, profiles
from tongpin.modules.analytics.actions import erasure, export, flush, mirror
from tongpin.modules.analytics.actions.segment import list_segment
from tongpin.modules.analytics.models import (
    Arrival,
    Batch,
    Customer,
    DistinctId,
    Erasure,
    Export,
    IdLink,
    ParkedArrival,
    Source,
    Tombstone,
)
from tongpin.modules.analytics.queries import person
from tongpin.modules.analytics.tests.events import event, identify
from tongpin.modules.analytics.wire.record import CustomerChange, ProfileChange, dump

pytestmark = pytest.mark.django_db(transaction=True)

SECRETS = ("ann-4711", "visitor-ann-0815", "Ann Leerdam", "ann@secret.example")
NOODLES = CustomerChange("company", "noodles-1", ProfileChange(set={"name": "三味面馆"}))
STORE_TABLES = ("events", "ids_seen", "person_overrides", "persons", "customers", "segment_members")


def everywhere(*texts: str) -> dict[str, list[str]]:
    """Table → those of the texts that any of its columns holds, in PostgreSQL and in the store."""
    found: dict[str, list[str]] = {}
    with connection.cursor() as cursor:
        cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        for (table,) in cursor.fetchall():
            # Bytes are shown in hex: what lies in them is searched as bytes.
            cursor.execute(f'SELECT to_jsonb(t)::text FROM "{table}" AS t')
            whole = "\n".join(row for (row,) in cursor.fetchall())
            hits = [text for text in texts if text in whole or text.encode().hex() in whole]
            if hits:
                found[f"postgres {table}"] = hits
    for table in STORE_TABLES:
        whole = json.dumps(client.query(f"SELECT * FROM {table}").rows, default=str, ensure_ascii=False)
        hits = [text for text in texts if text in whole]
        if hits:
            found[f"store {table}"] = hits
    return found


def come(source, *records, received=0):
    """Through the inbox, as an SDK's request."""
    return Arrival.objects.create(
        source=source.pk,
        received_at=clock.now() + timedelta(seconds=received),
        count=len(records),
        records=dump(list(records)),
    )


def work():
    """What the worker does."""
    while flush.run_once():
        pass
    while mirror.run_once():
        pass


def carried_out(row):
    people_jobs.erase(str(row.public_id))
    row.refresh_from_db()
    return row


def unpacked(answer):
    """What a downloaded export holds: (profile, events)."""
    with zipfile.ZipFile(io.BytesIO(b"".join(answer.streaming_content))) as archive:
        assert archive.testzip() is None
        return json.loads(archive.read("profile.json")), [
            json.loads(line) for line in archive.read("events.jsonl").splitlines()
        ]


@pytest.fixture
def source(people, store):
    return Source.objects.create(workspace=people.workspace, name="Shop")


@pytest.fixture
def world(people, source):
    """Ann, whose every trace must go, and Bo, who once used Ann's device and must stay."""
    come(
        source,
        event("visitor-ann-0815", "$pageview", 0),
        identify(
            "ann-4711",
            "visitor-ann-0815",
            60,
            person=ProfileChange(set={"name": "Ann Leerdam", "email": "ann@secret.example"}),
        ),
        event("ann-4711", "paid", 90, customers={"company": "noodles-1"}, customer=NOODLES),
        identify("bo", "visitor-ann-0815", 300),
        identify("bo", "visitor-bo", 310, person=ProfileChange(set={"name": "Bo"})),
        event("bo", "clicked", 320),
    )  # fmt: skip
    work()
    return people


def about_user(workspace, name):
    row = next(r for r in person.seen(workspace.public_id)[0] if r.name == name)
    return f"user:{row.handle}"


def test_a_search_of_every_table_finds_them_before_and_nothing_after(world, source, actor_of):
    assert set(everywhere(*SECRETS)) >= {
        "postgres analytics_distinctid", "store events", "store ids_seen", "store persons",
    }  # fmt: skip
    about = about_user(world.workspace, "Ann Leerdam")
    ids = {"name": "Invited", "ids": ["ann-4711", "visitor-ann-0815", "bo"]}
    list_segment.run(actor_of("owner"), ids)
    assert "store segment_members" in everywhere(*SECRETS)
    export.make(export.export.run(actor_of("owner"), {"about": about}).value)
    # Waiting in the inbox, parked, and not copied yet when it is asked for:
    come(source, event("ann-4711", "waits in the inbox", 400))
    ParkedArrival.objects.create(
        source=source.pk, received_at=clock.now(), count=1, reason="?", records=dump([event("ann-4711")])
    )
    row = erasure.erase.run(actor_of("owner"), {"about": about, "typed": "Ann Leerdam"}).value
    with pytest.raises(erasure.NotYet):
        carried_out(row)
    work()
    carried_out(row)
    assert row.finished_at is not None
    assert row.proof["events"] == 4  # Bo's claim on Ann's device among them
    work()
    assert everywhere(*SECRETS) == {}
    assert row.proof["segment_members"] == 2
    assert everywhere("bo")["store segment_members"], "Bo stays on the list"
    assert everywhere("clicked", "visitor-bo", "Bo") != {}
    assert {each.name for each in person.seen(world.workspace.public_id)[0]} == {"Bo"}
    assert IdLink.objects.count() == 1


def test_what_comes_late_is_not_taken_and_what_happens_afterwards_is(world, source, actor_of):
    about = about_user(world.workspace, "Ann Leerdam")
    row = erasure.erase.run(actor_of("owner"), {"about": about, "typed": "Ann Leerdam"}).value
    work()
    carried_out(row)
    late = event("ann-4711", "came late", 95, person=ProfileChange(set={"name": "Ann Leerdam"}))
    anew = event("ann-4711", "came back", (clock.now() - event("x").at).total_seconds() + 60)
    come(source, late, identify("bo", "visitor-ann-0815", 301), event("bo", "stays", 96), anew)
    work()
    events = {name for (name,) in client.query("SELECT event FROM events").rows}
    assert "came late" not in events
    assert {"came back", "stays"} <= events
    assert not everywhere("Ann Leerdam", "visitor-ann-0815")


def test_a_store_that_is_away_is_waited_for(world, actor_of, store):
    about = about_user(world.workspace, "Ann Leerdam")
    row = erasure.erase.run(actor_of("owner"), {"about": about, "typed": "Ann Leerdam"}).value
    store.stop()
    with pytest.raises(client.StoreUnavailable):
        carried_out(row)
    store.start()
    row.refresh_from_db()
    assert row.finished_at is None
    assert erasure.catch_up() == 1  # the hourly look queues it again
    assert carried_out(row).finished_at is not None


def test_a_batch_that_began_before_the_wish_was_committed_is_waited_for(world, actor_of):
    about = about_user(world.workspace, "Ann Leerdam")
    row = erasure.erase.run(actor_of("owner"), {"about": about, "typed": "Ann Leerdam"}).value
    batch = Batch.objects.create(
        token=uuid.uuid4(), arrivals=[row.arrivals_until + 1], began_at=row.asked_at + timedelta(seconds=2)
    )
    with pytest.raises(erasure.NotYet):
        carried_out(row)
    Batch.objects.filter(pk=batch.pk).update(began_at=row.asked_at + timedelta(minutes=2))
    assert carried_out(row).finished_at is not None


def test_a_line_cut_off_by_a_crash_spoils_no_other(world, source, actor_of, settings):
    about = about_user(world.workspace, "Ann Leerdam")
    (settings.DATA / erasure.FILE).write_text('{"workspace": "cut o')
    row = erasure.erase.run(actor_of("owner"), {"about": about, "typed": "Ann Leerdam"}).value
    carried_out(row)
    Tombstone.objects.all().delete()
    Erasure.objects.all().delete()
    assert erasure.catch_up() == 2
    assert set(Tombstone.objects.values_list("digest", flat=True)) == set(row.digests)


def test_what_a_restored_backup_brings_back_is_erased_again(world, source, actor_of):
    about = about_user(world.workspace, "Ann Leerdam")
    row = erasure.erase.run(actor_of("owner"), {"about": about, "typed": "Ann Leerdam"}).value
    work()
    carried_out(row)
    # The older database knows nothing of the erasure and has the person again.
    Tombstone.objects.all().delete()
    Erasure.objects.all().delete()
    come(source, event("ann-4711", "from the backup", 90, person=ProfileChange(set={"name": "Ann Leerdam"})))
    work()
    assert everywhere("Ann Leerdam") != {}
    assert erasure.catch_up() == 2
    for again in Erasure.objects.all():
        assert carried_out(again).finished_at is not None
    assert everywhere(*SECRETS) == {}


def test_a_customer_goes_with_what_happened_in_its_name(world, source, actor_of):
    row = Customer.objects.get()
    list_segment.run(actor_of("owner"), {"name": "x", "unit": "customer", "ids": ["noodles-1"]})
    made = erasure.erase.run(
        actor_of("admin"), {"about": f"customer:{row.public_id}", "typed": "三味面馆"}
    ).value
    work()
    assert carried_out(made).proof["events"] == 1
    assert everywhere("noodles-1", "三味面馆") == {}
    assert "Ann Leerdam" in {each.name for each in person.seen(world.workspace.public_id)[0]}
    come(source, event("bo", "late", 91, customers={"company": "noodles-1"}))
    work()
    assert everywhere("noodles-1") == {}


def test_the_same_ids_elsewhere_stay(world, actor_of):
    other = Source.objects.create(workspace=world.elsewhere, name="Other")
    come(other, event("ann-4711", "elsewhere"))
    work()
    about = about_user(world.workspace, "Ann Leerdam")
    made = erasure.erase.run(actor_of("owner"), {"about": about, "typed": "Ann Leerdam"}).value
    carried_out(made)
    assert everywhere("ann-4711") == {"store events": ["ann-4711"], "store ids_seen": ["ann-4711"]}


def test_it_is_typed_to_be_sure(world, actor_of):
    about = about_user(world.workspace, "Ann Leerdam")
    with pytest.raises(Invalid):
        erasure.erase.run(actor_of("owner"), {"about": about, "typed": "ann"})
    assert not Erasure.objects.exists()
    assert DistinctId.objects.filter(value="ann-4711").exists()


@pytest.mark.parametrize("who", ["member", "guest", "stranger"])
def test_only_admins_erase_and_export(world, actor_of, client_of, who):
    about, handle = about_user(world.workspace, "Ann Leerdam"), about_user(world.workspace, "Ann Leerdam")[5:]
    for act in (
        lambda: erasure.erase.run(actor_of(who), {"about": about, "typed": "Ann Leerdam"}),
        lambda: export.export.run(actor_of(who), {"about": about}),
    ):
        with pytest.raises((Denied, NotFound)):
            act()
    slug = world.workspace.slug
    for name in ("user_export", "user_erase"):
        answer = client_of(who).post(
            reverse(f"analytics:{name}", args=[slug, handle]), {"typed": "Ann Leerdam"}
        )
        assert answer.status_code in (403, 404)
    assert not Erasure.objects.exists()
    assert not Export.objects.exists()
    assert everywhere("Ann Leerdam") != {}


def test_finishing_is_the_server_s(world, actor_of):
    about = about_user(world.workspace, "Ann Leerdam")
    row = erasure.erase.run(actor_of("owner"), {"about": about, "typed": "Ann Leerdam"}).value
    for who in ("member", "guest", "stranger"):
        with pytest.raises((Denied, NotFound)):
            erasure.finish_erasure.run(actor_of(who), target=row)
    row.refresh_from_db()
    assert row.finished_at is None


def test_an_export_has_everything_of_them_and_lasts_a_day(world, client_of, monkeypatch):
    handle = about_user(world.workspace, "Ann Leerdam")[5:]
    owner = client_of("owner")
    answer = owner.post(reverse("analytics:user_export", args=[world.workspace.slug, handle]))
    row = Export.objects.get()
    assert "Making the file" in owner.get(answer["Location"]).content.decode()
    people_jobs.make_export(str(row.public_id))
    assert "Done, with 3 events." in owner.get(answer["Location"]).content.decode()
    file = owner.get(reverse("analytics:export_file", args=[world.workspace.slug, row.public_id]))
    head, events = unpacked(file)
    assert head["properties"]["email"] == "ann@secret.example"
    assert {each["id"] for each in head["ids"]} == {"ann-4711", "visitor-ann-0815"}
    assert [each["event"] for each in events] == ["paid", "$identify", "$pageview"]
    now = clock.now()
    monkeypatch.setattr(clock, "now", lambda: now + timedelta(hours=25))
    assert export.forget_old() == 1


def test_an_export_is_made_in_pieces_and_again_from_the_start(world, client_of, actor_of, monkeypatch):
    monkeypatch.setattr(export, "PIECE", 64)
    row = export.export.run(actor_of("owner"), {"about": about_user(world.workspace, "Ann Leerdam")}).value
    with monkeypatch.context() as cut, pytest.raises(client.StoreUnavailable):
        cut.setattr(export, "_event", lambda each: (_ for _ in ()).throw(client.StoreUnavailable("cut off")))
        export.make(row)
    assert row.pieces.exists()
    export.make(row)
    assert row.pieces.count() > 2
    file = client_of("owner").get(
        reverse("analytics:export_file", args=[world.workspace.slug, row.public_id])
    )
    assert [each["event"] for each in unpacked(file)[1]] == ["paid", "$identify", "$pageview"]
    export.make(row)  # a second run of the job has nothing to do
    assert Export.objects.get().pieces.count() == row.pieces.count()


MANY = 50_001


@pytest.fixture
def crowd(people, source):
    """A user with more ids than a statement's address holds, each seen once: a mistake in an app."""
    ids = [f"device-{n:05}-of-somebody" for n in range(MANY)]
    person_ = min(identity.did(each) for each in ids)
    DistinctId.objects.bulk_create(
        [
            DistinctId(workspace=people.workspace, did=identity.did(each), person=person_, value=each)
            for each in ids
        ],
        batch_size=5000,
    )
    DistinctId.objects.filter(value=ids[-1]).update(
        changes=profiles.changes(ProfileChange(set={"name": "Somebody"}), [1, "u"])
    )
    now = clock.now() - timedelta(days=1)
    client.insert(
        "events",
        [
            (
                people.workspace.public_id,
                source.public_id,
                uuid.uuid4(),
                "opened",
                each,
                now,
                now,
                now,
            )
            for each in ids
        ],
        ("workspace", "source", "uuid", "event", "distinct_id", "timestamp", "client_at", "received_at"),
    )
    return f"user:{identity.unsigned(person_):016x}"


def test_a_user_of_any_number_of_ids_is_shown_given_out_and_erased(crowd, people, client_of, actor_of):
    owner, slug = client_of("owner"), people.workspace.slug
    page = owner.get(reverse("analytics:user", args=[slug, crowd[5:]])).content.decode()
    assert f"20 of {MANY:,} are shown." in page
    made = export.export.run(actor_of("owner"), {"about": crowd}).value
    export.make(made)
    head, events = unpacked(owner.get(reverse("analytics:export_file", args=[slug, made.public_id])))
    assert len({each["id"] for each in head["ids"]}) == MANY
    assert head["properties"] == {"name": "Somebody"}  # the last id said it
    assert len({each["distinct_id"] for each in events}) == MANY
    title = person.person(people.workspace, int(crowd[5:], 16)).title
    row = erasure.erase.run(actor_of("owner"), {"about": crowd, "typed": title}).value
    assert carried_out(row).proof["events"] == MANY
    assert everywhere("of-somebody", "Somebody") == {}
    assert Tombstone.objects.count() == MANY


def test_the_pages_lead_through_it(world, client_of):
    handle, owner = about_user(world.workspace, "Ann Leerdam")[5:], client_of("owner")
    address = reverse("analytics:user_erase", args=[world.workspace.slug, handle])
    assert "Nothing brings it back." in owner.get(address).content.decode()
    wrong = owner.post(address, {"typed": "nobody"})
    assert wrong.status_code == 422
    assert "This is not what it is called." in wrong.content.decode()
    right = owner.post(address, {"typed": "Ann Leerdam"})
    assert "Gone from lists" in owner.get(right["Location"]).content.decode()
    carried_out(Erasure.objects.get())
    assert "Erased and proved" in owner.get(right["Location"]).content.decode()
    user = reverse("analytics:user", args=[world.workspace.slug, handle])
    assert owner.get(user).status_code == 404


def test_an_erasure_of_something_unknown_is_not_found(world, actor_of):
    for about in ("user:" + "1" * 16, f"customer:{uuid.uuid4()}"):
        with pytest.raises(NotFound):
            erasure.erase.run(actor_of("owner"), {"about": about, "typed": "x"})
