"""What a dashboard puts over the questions of its tiles: other dates, and conditions that hold as well."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field, ValidationError

from tongpin.modules.analytics.insights import running
from tongpin.modules.analytics.insights.conditions import Group, Strict
from tongpin.modules.analytics.insights.schema import AnyQuestion, Day, Where


class Override(Strict):
    """Dates as in a question (None leaves each question its own), conditions on every event looked at."""

    first: Annotated[Day | None, Field(alias="from")] = None
    last: Annotated[Day | None, Field(alias="to")] = None
    where: Where = Group()

    def over(self, question: AnyQuestion) -> AnyQuestion:
        """The question with these dates, if any, and these conditions besides its own."""
        given: dict[str, Any] = {}
        if self.first is not None:
            given |= {"first": self.first, "last": self.last or "today"}
        if self.where:
            given["where"] = (
                Group(match="all", of=[question.where, self.where]) if question.where else self.where
            )
        return question.model_copy(update=given)

    @property
    def told(self) -> dict[str, Any]:
        """As it is kept: JSON values, only what is given."""
        kept: dict[str, Any] = self.model_dump(mode="json", by_alias=True, exclude_defaults=True)
        return kept


def read(said: Any) -> Override:
    """What a page or a program said. Raises Invalid with the place."""
    try:
        return Override.model_validate(said)
    except ValidationError as problem:
        raise running.unreadable(problem) from problem
