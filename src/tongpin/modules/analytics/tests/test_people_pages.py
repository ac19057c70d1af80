"""Users and customers as members see them."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.urls import reverse

from tongpin.kernel import clock
from tongpin.kernel.errors import Denied, Invalid, NotFound
from tongpin.kernel.events.models import Event
from tongpin.modules.analytics.actions.customer import give_customer, look
from tongpin.modules.analytics.models import Customer, PersonalLook, Source
from tongpin.modules.analytics.queries import person
from tongpin.modules.analytics.tests.events import arrive, event, identify
from tongpin.modules.analytics.wire.record import CustomerChange, ProfileChange

pytestmark = pytest.mark.django_db

NOODLES = CustomerChange("company", "c-7", ProfileChange(set={"name": "三味面馆", "plan": "pro"}))


@pytest.fixture
def world(people, store):
    """Ann, who came as a visitor, works for a customer; Bo is known by an id alone."""
    arrive(
        people.workspace,
        event("visitor-1", "$pageview", 0),
        identify(
            "ann", "visitor-1", 60, person=ProfileChange(set={"name": "Ann Lee", "email": "ann@x.example"})
        ),
        event("ann", "paid", 120, customers={"company": "c-7"}, customer=NOODLES),
        event("ann", "paid <b>twice</b>", 120 + 3 * 3600, customers={"company": "c-7"}),
        event("bo", "clicked", 30),
    )
    return people


def users_url(people):
    return reverse("analytics:users", args=[people.workspace.slug])


def user_url(people, distinct_id):
    row = next(r for r in person.seen(people.workspace.public_id)[0] if distinct_id in r.ids)
    return reverse("analytics:user", args=[people.workspace.slug, row.handle])


def titles(html):
    return re.findall(r'row-title truncate" href="[^"]*">([^<]*)<', html)


def test_the_list_shows_who_was_seen_last_first(world, client_of):
    assert titles(client_of("member").get(users_url(world)).content.decode()) == ["Ann Lee", "bo"]


@pytest.mark.parametrize("text", ["ANN@x", "lee", "visitor-1", "sitor"])
def test_users_are_found_by_id_name_and_address(world, client_of, text):
    assert titles(client_of("member").get(users_url(world), {"q": text}).content.decode()) == ["Ann Lee"]


def test_paging_goes_through_everybody_once(people, store, client_of):
    arrive(people.workspace, *(event(f"u{n:03}", seconds=n // 3) for n in range(120)))
    client, seen, address = client_of("member"), [], users_url(people)
    while address:
        page = client.get(address).content.decode()
        seen += titles(page)
        more = re.search(r'hx-get="(\?cursor=[^"]+)"', page)
        address = users_url(people) + more[1] if more else ""
    assert sorted(seen) == [f"u{n:03}" for n in range(120)]


@pytest.mark.parametrize("count", [1, 3])
def test_the_list_costs_the_same_whatever_its_rows(
    people, store, client_of, count, django_assert_num_queries
):
    arrive(
        people.workspace,
        *(event(f"u{n}", seconds=n, person=ProfileChange(set={"name": f"U{n}"})) for n in range(count)),
    )
    client = client_of("member")
    client.get(users_url(people))
    with django_assert_num_queries(LIST_QUERIES):
        client.get(users_url(people))


LIST_QUERIES = 10  # one of them for the segments to filter by


def test_a_user_s_page_has_everything_of_all_their_ids(world, client_of):
    page = client_of("member").get(user_url(world, "ann")).content.decode()
    for text in (
        "Ann Lee",
        "ann@x.example",
        "visitor-1",
        "三味面馆",
        "Page view",
        "Signed in",
        "3 hours later",
    ):
        assert text in page
    assert "paid &lt;b&gt;twice&lt;/b&gt;" in page
    assert "<b>twice</b>" not in page
    only = client_of("member").get(user_url(world, "ann"), {"event": "paid"}).content.decode()
    assert only.count("row-foot") == 1


def test_any_id_of_a_user_leads_to_their_page(world, client_of):
    from tongpin.modules.analytics import identity

    pages = set()
    for distinct_id in ("ann", "visitor-1"):
        handle = f"{identity.unsigned(identity.did(distinct_id)):016x}"
        address = reverse("analytics:user", args=[world.workspace.slug, handle])
        answer = client_of("member").get(address, follow=True)
        assert answer.status_code == 200
        pages.add(answer.request["PATH_INFO"])
    assert len(pages) == 1


def test_an_unknown_user_is_not_found(world, client_of):
    for handle in ("0" * 16, "f" * 16, "nonsense", "+123456789abcdef"):
        address = f"/w/{world.workspace.slug}/users/{handle}/"
        assert client_of("member").get(address).status_code == 404


def test_each_look_is_in_the_audit_log_once_an_hour(world, client_of, monkeypatch):
    address = user_url(world, "bo")
    for _ in range(3):
        client_of("member").get(address)
    looks = Event.objects.filter(name="analytics.personal_data_seen", actor=world.member.user)
    assert [each.payload["about"] for each in looks] == [f"user:{address.split('/')[-2]}"]
    client_of("owner").get(address)
    now = clock.now()
    monkeypatch.setattr(clock, "now", lambda: now + timedelta(hours=1))
    client_of("member").get(address)
    assert looks.all().count() == 2
    audit = client_of("owner").get(reverse("workspaces:audit", args=[world.workspace.slug])).content.decode()
    assert audit.count("looked at the personal data of user") == 3
    assert "bo" not in {value for each in looks for value in each.payload.values()}


def test_every_page_with_personal_data_is_in_the_audit_log(world, client_of):
    """Each of them once, for whoever looked; the list of customers names companies alone."""
    row, slug = Customer.objects.get(), world.workspace.slug
    source = Source.objects.create(workspace=world.workspace, name="Shop")
    handle = user_url(world, "ann").split("/")[-2]
    pages = {
        "users": ([], "users"),
        "user": ([handle], f"user:{handle}"),
        "customer": ([row.public_id], f"customer:{row.public_id}"),
        "source_live": ([source.public_id], f"source:{source.public_id}"),
        "user_erase": ([handle], f"user:{handle}"),
        "customer_erase": ([row.public_id], f"customer:{row.public_id}"),
        "customers": ([], None),
    }
    client = client_of("owner")
    for name, (what, about) in pages.items():
        PersonalLook.objects.all().delete()
        before = Event.objects.filter(name="analytics.personal_data_seen").count()
        assert client.get(reverse(f"analytics:{name}", args=[slug, *what])).status_code == 200
        noted = list(Event.objects.filter(name="analytics.personal_data_seen").order_by("pk"))[before:]
        assert [(each.actor, each.payload["about"]) for each in noted] == (
            [(world.owner.user, about)] if about else []
        ), name


@pytest.mark.parametrize("who", ["guest", "stranger", "nobody"])
def test_others_see_no_user_and_no_customer(world, client_of, who):
    row = Customer.objects.get()
    for address in (
        users_url(world),
        user_url(world, "ann"),
        reverse("analytics:customers", args=[world.workspace.slug]),
        reverse("analytics:customer", args=[world.workspace.slug, row.public_id]),
    ):
        answer = client_of(who).get(address)
        assert answer.status_code in (302, 403, 404)
        assert "Ann" not in answer.content.decode()
    assert not PersonalLook.objects.exists()


def test_customers_are_listed_found_and_sorted(world, client_of):
    arrive(
        world.workspace,
        event("zoe", seconds=9000, customers={"shop": "s-1"}),
        event("zoe", seconds=-500, customers={"company": "abc"}),
    )
    client, address = client_of("member"), reverse("analytics:customers", args=[world.workspace.slug])

    def names(**asked):
        return titles(client.get(address, asked).content.decode())

    assert names() == ["三味面馆", "s-1", "abc"]
    assert names(sort="name") == ["abc", "s-1", "三味面馆"]
    assert names(sort="first") == ["s-1", "三味面馆", "abc"]
    assert names(kind="shop") == ["s-1"]
    assert names(q="面馆") == names(q="c-7") == names(q="PRO") == ["三味面馆"]
    assert names(q="nothing") == []


def test_the_list_of_customers_stands_without_the_store(world, client_of, store):
    store.stop()
    try:
        page = client_of("member").get(reverse("analytics:customers", args=[world.workspace.slug]))
        assert titles(page.content.decode()) == ["三味面馆"]
        assert "event store does not answer" in page.content.decode()
    finally:
        store.start()


def test_without_the_store_no_figure_is_made_up(world, client_of, store):
    row, client = Customer.objects.get(), client_of("member")
    address = reverse("analytics:customer", args=[world.workspace.slug, row.public_id])
    assert "–" not in stats(client.get(address).content.decode())
    user = user_url(world, "ann")
    store.stop()
    try:
        page = client.get(address).content.decode()
        assert stats(page) == ["–", "–", "–"]
        assert "Nobody did anything in its name yet." not in page
        assert page.count("event store does not answer") == 2
        listing = client.get(users_url(world))
        assert "event store does not answer" in listing.content.decode()
        assert client.get(user).status_code == 503
    finally:
        store.start()


def stats(html):
    return re.findall(r'stat-value">([^<]*)<', html)


def test_personal_data_stays_in_no_browser(world, client_of):
    """Neither on its disk nor behind its back button, which would show what an erasure has taken."""
    row, slug = Customer.objects.get(), world.workspace.slug
    handle = user_url(world, "ann").split("/")[-2]
    for name, what in (
        ("users", []),
        ("user", [handle]),
        ("user_erase", [handle]),
        ("customers", []),
        ("customer", [row.public_id]),
        ("customer_erase", [row.public_id]),
    ):
        answer = client_of("owner").get(reverse(f"analytics:{name}", args=[slug, *what]))
        assert "no-store" in answer.headers["Cache-Control"], name


@pytest.mark.parametrize("count", [1, 3])
def test_the_list_of_customers_costs_the_same(people, store, client_of, count, django_assert_num_queries):
    arrive(people.workspace, *(event(f"u{n}", customers={"company": f"c{n}"}) for n in range(count)))
    client, address = client_of("member"), reverse("analytics:customers", args=[people.workspace.slug])
    client.get(address)
    with django_assert_num_queries(CUSTOMER_QUERIES):
        client.get(address)


CUSTOMER_QUERIES = 8


def test_a_customer_s_page(world, client_of):
    row = Customer.objects.get()
    page = (
        client_of("member")
        .get(reverse("analytics:customer", args=[world.workspace.slug, row.public_id]))
        .content.decode()
    )
    for text in ("三味面馆", "c-7", "plan", "pro", "Ann Lee", "paid"):
        assert text in page
    assert "bo</a>" not in page


def test_customers_are_found_by_name_initials_and_key_by_those_who_see_them(world, client_of):
    def found(who, q):
        answer = client_of(who).get(f"/w/{world.workspace.slug}/palette", {"q": q})
        return [each["title"] for each in answer.json()] if answer.status_code == 200 else answer.status_code

    for q in ("三味", "swmg", "c-7"):
        assert found("owner", q) == found("member", q) == ["三味面馆"]
        assert found("guest", q) == []
        assert found("stranger", q) == 404
    # Users are personal data, and so may be what is known of a customer: neither is found from everywhere.
    for q in ("Ann Lee", "ann@x", "visitor-1", "pro"):
        assert "三味面馆" not in found("owner", q)
        assert "Ann Lee" not in found("owner", q)


def test_a_customer_is_found_by_its_new_name_alone(world, client_of):
    renamed = CustomerChange("company", "c-7", ProfileChange(set={"name": "Panda Noodles"}))
    arrive(world.workspace, event("ann", "paid", 9000, customers={"company": "c-7"}, customer=renamed))
    client = client_of("member")
    for q, titles_ in (("panda", ["Panda Noodles"]), ("三味", [])):
        answer = client.get(f"/w/{world.workspace.slug}/palette", {"q": q}).json()
        assert [each["title"] for each in answer] == titles_


def test_a_member_takes_a_customer_over_and_back(world, client_of, actor_of):
    row = Customer.objects.get()
    address = reverse("analytics:customer_give", args=[world.workspace.slug, row.public_id])
    answer = client_of("member").post(address, {"owner": str(world.admin.public_id)})
    assert answer.status_code == 200
    assert "Admin" in answer.content.decode()
    row.refresh_from_db()
    assert row.owner == world.admin
    outcome = give_customer.run(actor_of("member"), {"owner": None}, target=row)
    row.refresh_from_db()
    assert row.owner is None
    assert outcome.undo.data == {"owner": world.admin.public_id}


def test_only_members_look_after_customers(world, actor_of):
    row = Customer.objects.get()
    for owner in (world.guest, world.stranger):
        with pytest.raises(Invalid):
            give_customer.run(actor_of("member"), {"owner": owner.public_id}, target=row)
    for who in ("guest", "stranger"):
        with pytest.raises((Denied, NotFound)):
            give_customer.run(actor_of(who), {"owner": world.admin.public_id}, target=row)
    row.refresh_from_db()
    assert row.owner is None
    assert not Event.objects.filter(name="analytics.customer_given").exists()


def test_a_guest_s_look_is_refused_and_not_noted(people, actor_of):
    with pytest.raises(Denied):
        look.run(actor_of("guest"), {"about": "users"})
    assert not PersonalLook.objects.exists()
