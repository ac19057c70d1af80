"""Lists of members in the store: put there from lines, or from whoever fulfils a rule now."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import timedelta
from itertools import islice

import orjson
from django.utils.translation import gettext as _

from tongpin.kernel import clock
from tongpin.kernel.errors import Invalid
from tongpin.kernel.store import client
from tongpin.modules.analytics import segment_lines
from tongpin.modules.analytics.enums import SegmentKind, Subject
from tongpin.modules.analytics.insights.members import Known
from tongpin.modules.analytics.insights.scope import Scope
from tongpin.modules.analytics.insights.statement import Statement
from tongpin.modules.analytics.models import Segment
from tongpin.modules.analytics.segment_lines import Report, TooManyLines

AT_ONCE = 50_000
KEPT = timedelta(days=30)
"""How long a deleted list can be brought back."""
_LONG = {"max_execution_time": 600}


def put(row: Segment, lines: Iterable[str], known: Known, scope: Scope) -> Report:
    """Have the ids of these lines on the list of a segment. Nothing stays if it cannot be read to its end.

    Raises Invalid if there are too many lines or no id among them, StoreUnavailable.
    """
    report = Report()
    try:
        for number, block in enumerate(_blocks(segment_lines.ids(lines, report))):
            kind = _kind(row)
            body = b"\n".join(
                orjson.dumps([str(row.workspace.public_id), str(row.public_id), kind, value])
                for value in block
            )
            client.insert_lines(
                "segment_members",
                body,
                ("workspace", "segment", "kind", "said"),
                token=f"{row.public_id}.{number}",
            )
        report.different, report.found = _counted(row, known, scope)
        if not report.different:
            raise Invalid(_("There is no id in it."), field="file", code="no_ids")
    except (TooManyLines, UnicodeDecodeError) as problem:
        forget(row)
        if isinstance(problem, TooManyLines):
            raise Invalid(
                _("A list has at most %(n)s lines.") % {"n": f"{segment_lines.MOST:,}"}, field="file",
                code="too_many_lines",
            ) from problem  # fmt: skip
        raise Invalid(
            _("This file is no text: save it as CSV in UTF-8."), field="file", code="no_text"
        ) from problem
    except BaseException:
        forget(row)
        raise
    return report


def freeze(row: Segment, known: Known, scope: Scope) -> int:
    """Have on the list of ``row`` who is in ``known`` now; how many. Raises StoreUnavailable, QueryTooHeavy."""
    st = Statement(scope)
    who = known.members(st)
    segment, kind = st.value(row.public_id, "UUID"), st.value(_kind(row))
    if row.unit == Subject.USER:
        found = f"SELECT {{workspace:UUID}}, {segment}, '', '', who, who FROM ({who})"  # noqa: S608  ours
    else:
        key = f"customers[{kind}]"
        found = (
            f"SELECT {{workspace:UUID}}, {segment}, {kind}, key, sipHash64(key),"  # noqa: S608  ours
            f" sipHash64(concat({kind}, char(0), key))"
            f" FROM (SELECT DISTINCT {key} AS key FROM events WHERE {st.within(None, None)} AND {key} != ''"
            f" AND sipHash64({key}) IN ({who}))"
        )
    client.command(
        "INSERT INTO segment_members (workspace, segment, kind, said, who, digest)"
        f" SETTINGS insert_deduplicate = 0 {found}",
        st.parameters,
        options=_LONG,
    )
    return _counted(row, known, scope)[0]


def forget(row: Segment) -> None:
    """Take everybody off its list. Raises StoreUnavailable."""
    client.command(
        "DELETE FROM segment_members WHERE workspace = {workspace:UUID} AND segment = {segment:UUID}",
        {"workspace": row.workspace.public_id, "segment": row.public_id},
    )


def forget_old() -> int:
    """Forget lists that were deleted KEPT ago, their rows and who was on them; how many. Raises StoreUnavailable."""
    old = Segment._base_manager.filter(kind=SegmentKind.LIST, deleted_at__lt=clock.now() - KEPT)
    for row in (rows := list(old.select_related("workspace"))):
        forget(row)
        row.delete()
    return len(rows)


def _kind(row: Segment) -> str:
    return "" if row.unit == Subject.USER else row.customer_kind


def _blocks(values: Iterable[str]) -> Iterator[list[str]]:
    each = iter(values)
    while block := list(islice(each, AT_ONCE)):
        yield block


def _counted(row: Segment, known: Known, scope: Scope) -> tuple[int, int]:
    """How many different ids are on the list, and how many of these anything was ever seen of."""
    st = Statement(scope)
    segment = st.value(row.public_id, "UUID")
    if row.unit == Subject.USER:
        seen = "SELECT did FROM ids_seen WHERE workspace = {workspace:UUID}"
    else:
        seen = (
            f"SELECT {st.who('customer', known.customer_kind)} FROM events WHERE {st.within(None, None)}"  # noqa: S608  ours
            f" AND {st.counts('customer', known.customer_kind)}"
        )
    [(different, found)] = st.ask(
        f"SELECT uniqExact(who), uniqExactIf(who, who IN ({seen})) FROM segment_members"  # noqa: S608  ours
        f" WHERE workspace = {{workspace:UUID}} AND segment = {segment}"
    ).rows
    return int(different), int(found)
