"""PostHog, Segment and Umami in Node."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from tests.sdks.capturing import KEEP, LOSE, POSTHOG, SEGMENT, UMAMI, Capturing, gateway

HERE = Path(__file__).parent
NODE = HERE.parents[1] / "bin" / "node"


def node(program: str, *words: str) -> None:
    """Run a program of ``programs`` to its end; it must succeed and say nothing of errors."""
    done = subprocess.run(
        [sys.executable, str(NODE), str(HERE / "programs" / program), *words],
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_posthog(server: Capturing):
    node("posthog.cjs", server.address, POSTHOG)
    paid, identify, group, alias, error = server.wait_for(
        "order paid", "$identify", "$groupidentify", "$create_alias", "$exception"
    )
    assert (paid.distinct_id, paid.properties["amount"], paid.properties["名"]) == ("u1", 9.5, "值")
    assert paid.customers == {"company": "acme"}
    assert paid.properties["$lib"] == "posthog-node"
    assert (identify.distinct_id, identify.person.set) == ("u1", {"plan": "pro"})
    assert (group.customer.kind, group.customer.key, group.customer.change.set) == (
        "company",
        "acme",
        {"seats": 5},
    )
    assert {alias.distinct_id, alias.properties["alias"]} == {"u1", "anon-1"}
    assert error.distinct_id == "u1"
    assert len(server.taken()) == 5
    kept = server.kept()
    assert kept.people("u1") == {
        frozenset({"u1", "anon-1"}): ["$create_alias", "$exception", "$identify", "order paid"]
    }
    assert kept.profile("anon-1") == {"plan": "pro"}
    assert kept.customers == {("company", "acme"): {"seats": 5}}


def test_posthog_sends_again_what_was_refused_and_nothing_counts_twice(server: Capturing):
    with gateway(server.address, "/batch", LOSE, KEEP) as before:
        node("posthog.cjs", before.address, POSTHOG, "20")
    taken = server.wait_for(*["again"] * 20)
    assert sorted(r.distinct_id for r in taken) == sorted(f"u{n}" for n in range(20))
    assert len(server.taken()) > 20
    assert server.kept().people() == {frozenset({f"u{n}"}): ["again"] for n in range(20)}


def test_segment(server: Capturing):
    node("segment.cjs", server.address, SEGMENT)
    everything = server.taken()
    assert len(everything) == 6
    named = {r.event: r for r in everything}
    identify, paid = named["$identify"], named["Order Paid"]
    assert (identify.distinct_id, identify.properties["$anon_distinct_id"]) == ("u1", "anon-1")
    assert identify.person.set == {"plan": "pro"}
    assert (paid.distinct_id, paid.properties["amount"]) == ("u1", 9.5)
    assert named["$pageview"].properties["$current_url"] == "https://shop.example/start"
    assert named["$screen"].distinct_id == "u1"
    (group,) = [r for r in everything if r.customer is not None]
    assert (group.customer.key, group.customer.change.set) == ("acme", {"seats": 5})
    assert {named["$create_alias"].distinct_id, named["$create_alias"].properties["alias"]} == {
        "u1",
        "anon-2",
    }
    kept = server.kept()
    assert kept.people() == {
        frozenset({"u1", "anon-1", "anon-2"}): [
            "$create_alias", "$groupidentify", "$identify", "$pageview", "$screen", "Order Paid"
        ]
    }  # fmt: skip
    assert kept.profile("anon-2") == {"plan": "pro"}
    assert kept.customers == {("company", "acme"): {"seats": 5}}


def test_segment_sends_again_what_was_refused_and_nothing_counts_twice(server: Capturing):
    with gateway(server.address, "/v1/batch", LOSE, KEEP) as before:
        node("segment.cjs", before.address, SEGMENT, "20")
    taken = server.wait_for(*["again"] * 20)
    assert sorted(r.distinct_id for r in taken) == sorted(f"u{n}" for n in range(20))
    assert len(server.taken()) > 20
    assert server.kept().people() == {frozenset({f"u{n}"}): ["again"] for n in range(20)}


def test_umami(server: Capturing):
    node("umami.cjs", server.address, UMAMI)
    view, signup, person = server.taken()
    assert (view.event, view.properties["$pathname"], view.properties["$host"]) == (
        "$pageview",
        "/start",
        "shop.example",
    )
    assert (signup.event, signup.properties["plan"]) == ("signup", "pro")
    assert person.person.set["plan"] == "pro"
    assert view.distinct_id == signup.distinct_id  # one visitor of one day, without a cookie
    kept = server.kept()
    assert kept.people() == {frozenset({view.distinct_id}): ["$pageview", "$set", "signup"]}
    assert kept.profile(view.distinct_id)["plan"] == "pro"


def test_umami_sends_nothing_again_and_what_was_accepted_counts_once(server: Capturing):
    with gateway(server.address, "/api/send", LOSE, LOSE) as before:
        node("umami.cjs", before.address, UMAMI, "4")
    (kept,) = server.kept().people().values()
    assert kept == ["again"] * 2
