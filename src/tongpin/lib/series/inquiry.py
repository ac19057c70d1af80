"""Answers given so far, questions still open, findings: what one reading of the input collects."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date

from tongpin.lib.series.types import Choice, Finding, Param, Question, SeriesError, Severity

NAMED = 20
"""Row numbers named in a finding; ``count`` has them all."""


@dataclass
class Inquiry:
    """Collects while reading. ``today`` is the asker's day, None when unknown."""

    answers: dict[str, str]
    today: date | None
    findings: list[Finding] = field(default_factory=list)
    questions: list[Question] = field(default_factory=list)

    def ask(
        self,
        code: str,
        choices: Sequence[Choice],
        default: str,
        *,
        required: bool = False,
        params: dict[str, Param] | None = None,
        rows: Iterable[int] = (),
    ) -> str:
        """The person's answer, else the default; raises ``SeriesError`` for an answer that is no choice."""
        named = tuple(rows)[:NAMED]
        self.questions.append(Question(code, tuple(choices), default, required, params or {}, named))
        answer = self.answers.get(code, "") or default
        if answer not in {choice.key for choice in choices}:
            raise SeriesError("unknown_answer", {"question": code, "answer": answer[:80]})
        return answer

    def note(
        self,
        code: str,
        rows: Sequence[int] = (),
        severity: Severity = Severity.INFO,
        **params: Param,
    ) -> None:
        """Add a finding about rows."""
        self.findings.append(Finding(code, severity, params, tuple(rows[:NAMED]), len(rows)))

    def unanswered(self) -> tuple[Question, ...]:
        """Required questions without an answer."""
        return tuple(q for q in self.questions if q.required and not self.answers.get(q.code))
