"""Search over many documents: how long indexing and finding take, and whether what is found is all there is.

    python tests/perf/search.py [DOCUMENTS]

Starts a database of its own, writes DOCUMENTS (100,000 unless told) seeded objects of mixed Chinese and English text,
indexes them, and prints for each kind of question the median and worst time of ``find`` (20 cards) for a member, how
many documents match, and whether a plain scan of all texts finds the same ones.
"""

from __future__ import annotations

import os
import random
import shutil
import statistics
import sys
import tempfile
import time
import uuid
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "src"))

_COMMON = """
需求 上线 打卡 弱网 工资条 排班 店长端 员工端 新店 开张季 活动 渠道 优惠券 核销 反馈 激活率 留存 漏斗
Wi-Fi onboarding payslip export retention funnel release login error timeout Android iOS API webhook v3.6
"""
COMMON = _COMMON.split()
#: Words of the made-up language besides: two or three of 1,500 characters each, used by Zipf's law.
OTHERS = 4000
QUESTIONS = {
    "one character, common": "店",
    "one character, rarer": "薪",
    "two characters": "打卡",
    "across two words": "卡弱",
    "three characters": "开张季",
    "long": "新店开张季",
    "English": "retention",
    "one letter": "w",
    "inside a word": "tenti",
    "two words": "wi-fi 打卡",
    "number": "12345",
    "not there": "从未出现",
    "wildcards": "%_%",
}
ROUNDS = 9


def vocabulary() -> tuple[list[str], list[float]]:
    """Words and how often each is used: the n-th in proportion to 1/n, as in any language."""
    chance = random.Random(1)
    characters = [chr(c) for c in chance.sample(range(0x4E00, 0x9FA5), 1500)]
    words = [
        *COMMON,
        *("".join(chance.choices(characters, k=chance.choice((2, 2, 3)))) for _ in range(OTHERS)),
    ]
    chance.shuffle(words)
    return words, [1 / (n + 10) for n in range(len(words))]


WORDS, WEIGHTS = vocabulary()


def text(chance: random.Random, words: int) -> str:
    return "".join(w + (" " if w.isascii() else "") for w in chance.choices(WORDS, WEIGHTS, k=words))


def fill(count: int) -> tuple[object, object]:
    """Write the objects. Returns the workspace and a member's actor."""
    from tongpin.kernel.files.models import Kind, StoredFile
    from tongpin.kernel.tenancy.actor import Actor
    from tongpin.kernel.tenancy.models import Membership, User, Workspace

    chance = random.Random(20261122)
    workspace = Workspace.objects.create(slug="acme", name="Acme")
    user = User.objects.create_user("member@acme.example", name="Member")
    member = Membership.objects.create(workspace=workspace, user=user)
    rows = (
        StoredFile(
            public_id=uuid.UUID(int=chance.getrandbits(128), version=4),
            workspace=workspace,
            uploader=user,
            kind=Kind.ATTACHMENT,
            name=f"{text(chance, 4)} {n}"[:255],
            sha256="薪" if n % 997 == 0 else "",
            media_type="text/plain",
            size=n,
        )
        for n in range(count)
    )
    StoredFile.objects.bulk_create(rows, batch_size=2000)
    return workspace, Actor.for_member(member)


def measure(count: int) -> None:
    from django.db import connection

    from tongpin.kernel import objects
    from tongpin.kernel.files.models import StoredFile
    from tongpin.kernel.objects import Card, SearchText
    from tongpin.kernel.search import documents
    from tongpin.kernel.search.models import SearchDocument
    from tongpin.kernel.search.query import find
    from tongpin.lib.grams import normalise

    def searched(row):  # type: ignore[no-untyped-def]
        return SearchText(row.name, text(random.Random(row.size), 40) + row.sha256)

    objects._types.clear()
    objects.register(
        StoredFile,
        label="note",
        plural="notes",
        icon="file",
        card=lambda row: Card("files.storedfile", row.public_id, row.name, "/", "file"),
        search=searched,
    )
    _workspace, actor = fill(count)
    started = time.perf_counter()
    written = documents.reindex().written
    seconds = time.perf_counter() - started
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE search_searchdocument")
        cursor.execute(
            "SELECT pg_size_pretty(pg_total_relation_size('search_searchdocument')),"
            " pg_size_pretty(pg_relation_size('search_grams'))"
        )
        whole, grams = cursor.fetchone()
    print(
        f"{written:,} documents indexed in {seconds:.0f} s ({written / seconds:,.0f}/s); {whole}, of it {grams} grams"
    )
    print(f"\n{'question':24} {'':12} {'matches':>9} {'median ms':>10} {'worst ms':>9}  exact")
    texts = [f"{d.title}\n{d.body}" for d in SearchDocument.objects.only("title", "body").iterator()]
    for kind, question in QUESTIONS.items():
        times = []
        for _ in range(ROUNDS):
            begun = time.perf_counter()
            find(actor, question)
            times.append((time.perf_counter() - begun) * 1000)
        words = normalise(question).split()
        scanned = sum(1 for t in texts if all(word in t for word in words))
        found = len(find(actor, question, limit=count))
        print(
            f"{kind:24} {question:12} {found:>9,} {statistics.median(times):>10.1f} {max(times):>9.1f}"
            f"  {'yes' if found == scanned else f'NO: {scanned:,}'}"
        )


def main() -> None:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
    data = Path(tempfile.mkdtemp(prefix="tongpin-perf-"))
    os.environ.update(TONGPIN_DATA=str(data), DJANGO_SETTINGS_MODULE="tongpin.config.settings")
    os.environ.pop("DATABASE_URL", None)
    from tongpin.kernel.postgres import Cluster

    cluster = Cluster(data / "postgres")
    cluster.prepare()
    cluster.spawn()
    try:
        cluster.wait_ready(60)
        import django
        from django.core.management import call_command

        django.setup()
        call_command("migrate", verbosity=0, interactive=False)
        measure(count)
    finally:
        cluster.stop()
        shutil.rmtree(data, ignore_errors=True)


if __name__ == "__main__":
    main()
