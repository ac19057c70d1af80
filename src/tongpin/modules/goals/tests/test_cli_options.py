"""What the options of ``tongpin bet evaluate`` do, how guesses are shown, and how each refusal reads."""

from __future__ import annotations

import json
import re
from datetime import date, timedelta

import pytest
from click.testing import CliRunner
from django.utils import translation

from tongpin.modules.goals import cli
from tongpin.modules.goals.cli import bet
from tongpin.modules.goals.tests.sample import LAUNCH, START, table, values


def run(*arguments: str, stdin: str | bytes = "", language: str = "en", launch: str = str(LAUNCH)):
    """In this process: text, or JSON with ``--json``."""
    command = ["evaluate", "-", "--no-second-opinion", "--language", language]
    command += [] if "--launch" in arguments else ["--launch", launch]
    with translation.override("en"):
        return CliRunner().invoke(bet, [*command, *arguments], input=stdin or table())


def told(*arguments: str, stdin: str | bytes = ""):
    done = run(*arguments, "--json", stdin=stdin)
    assert done.exit_code == 0, done.output
    return json.loads(done.stdout)


def refused(*arguments: str, stdin: str | bytes = "", code: int = 2) -> dict:
    """The refusal as JSON, the same in text, and both in Chinese."""
    done = run(*arguments, "--json", stdin=stdin)
    assert (done.exit_code, done.stderr) == (code, "")
    answer = json.loads(done.stdout)
    assert answer["schema"] == "tongpin.look_back/1"
    assert list(answer["error"]) == ["code", "message", "hint", "questions"]
    text = run(*arguments, stdin=stdin)
    assert (text.exit_code, text.stdout) == (code, "")
    assert answer["error"]["message"].splitlines()[0] in text.stderr
    chinese = run(*arguments, stdin=stdin, language="zh").stderr
    assert re.search("[一-鿿]", chinese.splitlines()[0]), chinese
    for output in (done.output, text.output, chinese):
        assert "Traceback" not in output
        assert "Usage:" not in output
    return answer["error"]


def columns(*more: str) -> str:
    """The sample with further columns: orders, and a text."""
    rows = ["day,visits,orders,note"]
    rows += [f"{day},{value},{int(value) // 7},x" for day, value in values()]
    return "\n".join(rows)


def test_a_minus_means_that_down_is_good():
    effect = told("--expect", "-5%")["effect"]
    assert (effect["spec"]["direction"], effect["result"]) == ("down", "negative")
    assert told("--worth", "-5%")["effect"]["spec"]["direction"] == "down"


@pytest.mark.parametrize(
    "sizes",
    [
        ("--expect", "-5%", "--direction", "up"),
        ("--expect", "+5%", "--direction", "down"),
        ("--expect", "+5%", "--worth", "-2%"),
        ("--expect", "5%", "--worth", "-2%", "--direction", "up"),
    ],
)
def test_signs_that_contradict_are_refused(sizes):
    assert refused(*sizes)["code"] == "contradicting_signs"


def test_the_country_is_named_and_follows_the_language():
    assert "Holidays of: Germany" in run("--country", "de").stdout
    assert "No holidays were taken into account" in run().stdout
    chinese = run(language="zh").stdout
    assert "节假日：中国" in chinese
    assert told()["effect"]["spec"]["country"] is None
    assert refused("--country", "XX")["hint"]


def test_an_open_question_names_the_option_that_answers_it():
    text = "day,rate\n" + "\n".join(
        f"2026-{4 + n // 28:02}-{n % 28 + 1:02},{'12%' if n % 3 else '0.13'}" for n in range(100)
    )
    error = refused("--launch", "2026-06-20", stdin=text)
    assert [(q["code"], q["option"]) for q in error["questions"]] == [("plain_beside_percent", "--plain")]
    assert "--plain share" in run("--launch", "2026-06-20", stdin=text).stderr
    assert run("--launch", "2026-06-20", "--plain", "share", stdin=text).exit_code == 0


def test_days_twice_are_added_or_not_as_told():
    text = table() + "\n2026-05-05\t1000"
    assert refused(stdin=text)["questions"][0]["option"] == "--doubled"
    for how in ("sum", "mean", "last"):
        found = {f["code"]: f for f in told("--doubled", how, stdin=text)["findings"]}
        assert found["doubled_days"]["params"]["how"] == how


@pytest.mark.parametrize(("language", "words"), [("en", "Taken: visits"), ("zh", "采用了：visits")])
def test_every_guess_is_shown_with_the_option_that_changes_it(language, words):
    done = run(stdin=columns(), language=language)
    assert words in done.stdout
    assert "--value-column 3" in done.stdout
    assert "“visits”" in done.stdout, "the columns that were taken"
    chosen = run("--value-column", "orders", stdin=columns()).stdout
    assert "As you said: orders" in chosen
    assert "Taken:" not in chosen
    asked = told("--value-column", "orders", stdin=columns())["questions"][0]
    assert (asked["answer"], asked["option"]) == ("2", "--value-column")


@pytest.mark.parametrize("column", ["2", "每日发布排班数"])
def test_naming_the_only_column_is_no_mistake(column):
    assert (
        told("--value-column", column, "--date-column", "日期", "--sheet", "1")["series"]["name"]
        == "每日发布排班数"
    )


def test_a_column_that_is_not_there_is_refused_with_those_that_are():
    error = refused("--value-column", "note", stdin=columns())
    assert (error["code"], error["hint"]) == ("unknown_value_column", "Choose one of: 2 visits, 3 orders")
    assert refused("--sheet", "Q")["code"] == "unknown_sheet"
    assert refused("--date-column", "9")["hint"].endswith("1 日期")


def test_options_win_or_are_refused_but_never_ignored():
    rates = "day,rate\n" + "\n".join(f"{d},{v / 40:.1f}" for d, v in values())
    assert told("--unit", "percent", stdin=rates)["series"]["unit"] == "share"
    assert refused("--unit", "percent")["code"] == "unknown_answer"
    for option in (
        ("--year", "2026"),
        ("--plain", "share"),
        ("--date-order", "dmy"),
        ("--running-total", "difference"),
    ):
        assert refused(*option)["code"] == "option_not_applicable"
    assert told("--doubled", "sum", "--decimal", "dot")["series"]["observed"] == 150


@pytest.mark.parametrize("day", ["2026/8/3", "2026年8月3日", "20260803", "3 Aug 2026", "２０２６-08-03"])
def test_a_day_may_be_written_as_in_a_file(day):
    assert told("--launch", day)["effect"]["spec"]["launch"] == "2026-08-03"


@pytest.mark.parametrize(
    ("stdin", "arguments", "code", "says"),
    [
        ("\n", (), "no_rows", "no rows"),
        ("just words\nand more", (), "no_date_column", "No column"),
        ("", ("--launch", "2031-01-01"), "launch_outside_series", "must lie within the data"),
        ("", ("--launch", "2026-02-30"), "bad_option", "is no day"),
        ("", ("--launch", "3/8/2026"), "bad_option", "2026-03-08, 2026-08-03"),
        ("", ("--launch", "8月3日"), "bad_option", "is no day"),
        ("", ("--expect", "+5pts"), "points_need_share", "Percentage points only make sense"),
        ("", ("--expect", "2%", "--worth", "5%"), "worth_above_expected", "cannot be above the expected"),
        ("", ("--expect", "5%", "--worth", "5000"), "worth_above_expected", "cannot be above the expected"),
        ("", ("--expect", "5bp"), "bad_option", "is no size"),
        ("", ("--window", "0"), "bad_option", "from 1 to 366"),
        ("", ("--unit", "pound"), "bad_option", "is none of number, share, percent"),
        ("", ("--nonsense",), "no_such_option", "--nonsense"),
        ("", ("--expect",), "bad_usage", "--expect"),
        ("", ("--scale", "logit"), "scale_needs_share", "shares between"),
        (
            "day,value\n" + "\n".join(f"2026-01-{n + 10},{'x' if n > 6 else n}" for n in range(10)),
            (),
            "too_many_bad_rows",
            "rows 9, 10, 11",
        ),
    ],
)  # fmt: skip
def test_what_is_wrong_is_refused_in_both_forms(stdin, arguments, code, says):
    if code == "bad_usage":
        done = run(*arguments, "--json", stdin=stdin)
        error = json.loads(run("--json", *arguments, stdin=stdin).stdout)["error"]
    else:
        error = refused(*arguments, stdin=stdin)
        done = run(*arguments, stdin=stdin)
        assert error["hint"]
    assert error["code"] == code
    assert says in error["message"] or says in done.stderr


def test_a_missing_file_and_a_missing_option():
    for arguments, code in (
        (["nowhere.csv", "--launch", str(LAUNCH)], "bad_option"),
        (["-"], "missing_option"),
    ):
        done = CliRunner().invoke(bet, ["evaluate", *arguments, "--json", "--language", "en"])
        assert (done.exit_code, json.loads(done.stdout)["error"]["code"]) == (2, code)


def test_a_fault_of_the_program_is_no_traceback(monkeypatch):
    def broken(*_args, **_more):
        raise RuntimeError("out of luck")

    monkeypatch.setattr(cli, "evaluate", broken)
    error = refused(code=1)
    assert error["code"] == "unexpected"
    assert "out of luck" in error["message"]


def test_the_help_reads_well():
    text = CliRunner().invoke(bet, ["evaluate", "--help"]).output
    assert "%%" not in text
    assert "without a % sign" in text


def test_a_table_of_an_old_mac_cut_in_the_middle_of_a_day():
    rows = [f"{START + timedelta(days=d)} {h:02}:00,{50 + h}" for d in range(124) for h in range(24)]
    rows += [f"{date(2026, 8, 3)} {h:02}:00,{50 + h}" for h in range(5)]
    error = refused("--launch", "2026-08-03", stdin="t,v\r" + "\r".join(rows))
    assert error["code"] == "launch_outside_series", "five hours are no day"
