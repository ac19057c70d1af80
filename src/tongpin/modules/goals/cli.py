"""``tongpin bet evaluate``: the same honest result from a file, with no server and no database."""

from __future__ import annotations

import errno
import json
import os
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

import click
import django
from django.apps import apps
from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext as _

from tongpin.kernel import clock
from tongpin.lib.effects import Direction, LookBackSpec, OtherLaunch, Scale, SpecError, evaluate
from tongpin.lib.series import SeriesDraft, SeriesError
from tongpin.modules.goals.terminal import data, refusal, report
from tongpin.modules.goals.terminal.refusal import Refused
from tongpin.modules.goals.terminal.types import DayType, FileType, Measure, MeasureType, OneOf, Whole


def _language(arguments: Sequence[str]) -> str:
    """The language asked for, needed before the arguments are understood; else that of the terminal."""
    for position, argument in enumerate(arguments):
        if argument.startswith("--language="):
            return argument.partition("=")[2]
        if argument == "--language" and position + 1 < len(arguments):
            return arguments[position + 1]
    return os.environ.get("LC_ALL") or os.environ.get("LANG") or ""


def _speak(language: str) -> None:
    """Activate the reader's language; Django's translations, and nothing else of Django."""
    if not settings.configured:
        settings.configure(
            USE_I18N=True, LOCALE_PATHS=[str(Path(__file__).parent / "locale")], INSTALLED_APPS=[]
        )
    if not apps.ready:
        django.setup()
    translation.activate("zh-hans" if language.lower().startswith("zh") else "en")


class Answering(click.Command):
    """A command whose every refusal is in the reader's language, and JSON where JSON was asked for."""

    def make_context(
        self, info_name: str | None, args: list[str], parent: click.Context | None = None, **extra: Any
    ) -> click.Context:
        _speak(_language(args))
        as_json = "--json" in args
        try:
            return super().make_context(info_name, args, parent, **extra)
        except click.UsageError as error:
            refusal.show(refusal.of_usage(error), as_json=as_json)

    def invoke(self, ctx: click.Context) -> Any:
        as_json = bool(ctx.params["as_json"])
        try:
            return super().invoke(ctx)
        except Refused as refused:
            refusal.show(refused, as_json=as_json)
        except (click.ClickException, click.exceptions.Exit, click.Abort):
            raise
        except Exception as error:  # the last resort: a person must never meet a traceback
            if isinstance(error, OSError) and error.errno == errno.EPIPE:
                raise  # whoever reads the output has seen enough
            refusal.show(refusal.of_accident(error), as_json=as_json)


@click.group()
def bet() -> None:
    """What a launch was expected to do, and what it did."""


@bet.command("evaluate", cls=Answering)
@click.argument("file", type=FileType())
@click.option("--launch", type=DayType(), required=True, help="The first day it was visible.")
@click.option("--window", type=Whole(1, 366), default=14, show_default=True, help="Days to judge it by.")
@click.option(
    "--expect",
    type=MeasureType(),
    help="What was expected: +5%, -3 (the metric's unit), 4pts. A minus: down is good.",
)
@click.option("--worth", type=MeasureType(), help="The smallest size worth having.")
@click.option(
    "--direction",
    type=OneOf(["up", "down"]),
    help="Which way is good; else the sign of --expect, else up.",
)
@click.option(
    "--rollout-days",
    type=Whole(0, 90),
    default=0,
    help="Days from the launch that belong to neither side.",
)
@click.option(
    "--country",
    metavar="CODE",
    help="Whose holidays count; 'none' for none. Without it CN in Chinese, none in English.",
)
@click.option(
    "--scale",
    type=OneOf(["auto", "log", "logit", "linear"]),
    default="auto",
    show_default=True,
    help="How days are compared: by ratio, odds or difference; auto decides by the values.",
)
@click.option(
    "--other-launch",
    multiple=True,
    metavar="DAY",
    type=DayType(),
    help="Something else that launched; may be given again.",
)
@click.option("--sheet", metavar="NAME|N", help="Sheet of a workbook.")
@click.option("--date-column", metavar="NAME|N", help="Column of the day, by heading or number.")
@click.option("--value-column", metavar="NAME|N", help="Column of the value, by heading or number.")
@click.option(
    "--date-order",
    type=OneOf(["dmy", "mdy", "ymd"]),
    help="Which comes first in 3/4/2026 or 26/4/3.",
)
@click.option("--year", type=Whole(1970, 2099), help="Year of the last day, where the days have none.")
@click.option("--decimal", type=OneOf(["dot", "comma"]), help="The decimal mark.")
@click.option(
    "--doubled",
    type=OneOf(["sum", "mean", "last"]),
    help="The value of a day that occurs more than once.",
)
@click.option("--too-long", type=OneOf(["recent"]), help="More days than can be read: keep two years.")
@click.option("--unit", type=OneOf(["number", "share", "percent"]), help="What the values are.")
@click.option(
    "--plain",
    type=OneOf(["share", "percent"]),
    help="What values without a % sign are among some with one.",
)
@click.option(
    "--running-total",
    type=OneOf(["keep", "difference"]),
    help="Values that never fall: keep them, or take daily differences.",
)
@click.option("--no-second-opinion", is_flag=True, help="Skip the second method; twice as fast.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON for programs, refusals too.")
@click.option(
    "--language", type=OneOf(["en", "zh"]), help="Language of the answer; else that of the terminal."
)
def evaluate_file(file: str, **given: Any) -> None:
    """Did that launch work? Reads FILE (CSV, TSV, XLSX; - for standard input) and says so.

    Exit code 0 when there is an answer, whatever it is; 2 when the file or the question cannot be read, 1
    for a fault of the program. With --json a refusal is {"schema", "error": {"code", "message", "hint",
    "questions"}} on standard output; else it is text on standard error.
    """
    draft: SeriesDraft | None = None
    today = clock.now().astimezone().date()
    try:
        asked = _question(given, today)
        draft = data.read(file, given, today)
        series = draft.resolve()
        effect = evaluate(series, asked, second_opinion=not given["no_second_opinion"])
    except SeriesError as error:
        raise refusal.of_series(error, draft) from error
    except SpecError as error:
        raise refusal.of_spec(error) from error
    if given["as_json"]:
        told = report.as_json(file, draft, series, effect)
        click.echo(json.dumps(told, ensure_ascii=False, indent=2))
    else:
        click.echo("\n".join(report.lines(draft, series, effect)))


def _question(given: dict[str, Any], today: date) -> LookBackSpec:
    """The question the options ask. Raises ``Refused`` or ``SpecError``."""
    expect, worth = given["expect"], given["worth"]
    direction = _direction(given["direction"], expect, worth)
    country = given["country"]
    if country is None:
        country = "CN" if translation.get_language() == "zh-hans" else "none"
    return LookBackSpec(
        launch=given["launch"],
        window_days=given["window"],
        expected=expect.size if expect else None,
        worth=worth.size if worth else None,
        direction=direction,
        scale=Scale(given["scale"]),
        country=None if country.upper() in {"NONE", ""} else country.upper(),
        partial_days=given["rollout_days"],
        as_of=today,
        other_launches=tuple(OtherLaunch(day) for day in given["other_launch"]),
    )


def _direction(said: str | None, *sizes: Measure | None) -> Direction:
    """Which way is good: as said, else by the first sign; every sign must agree."""
    signs = [size.sign for size in sizes if size and size.sign]
    way = said or ({"+": "up", "-": "down"}[signs[0]] if signs else "up")
    wrong = {"up": "-", "down": "+"}[way]
    if wrong in signs:
        raise Refused(
            "contradicting_signs",
            _("The signs contradict each other: a size cannot be expected the way that is not good."),
            _("Give all sizes the same sign, or none and say --direction."),
        )
    return Direction(way)
