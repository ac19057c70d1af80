"""How a child's lines are shown."""

from __future__ import annotations

import io
import json
import os

import pytest

from tongpin.config.supervisor.output import Pipe


def shown(written: bytes, *, people: bool) -> str:
    reader, writer = os.pipe()
    os.write(writer, written)
    os.close(writer)
    target = io.BytesIO()
    pipe = Pipe("web", os.fdopen(reader, "rb"), target, 6, people)
    assert not pipe.pass_on(), "the end was not noticed"
    pipe.close()
    return target.getvalue().decode()


RECORD = {
    "event": "job failed",
    "level": "error",
    "logger": "x",
    "timestamp": "t",
    "job": 7,
    "exception": "Trace\n  e",
}


def test_programs_get_json_as_it_was() -> None:
    line = json.dumps(RECORD).encode() + b"\n"
    assert shown(line, people=False) == line.decode()


def test_people_get_words() -> None:
    assert shown(json.dumps(RECORD).encode(), people=True) == "web    | ERROR job failed job=7\nTrace\n  e\n"


@pytest.mark.parametrize("people", [True, False])
def test_other_lines_are_marked(people: bool) -> None:
    assert shown("同频\n\nlast".encode(), people=people) == "web    | 同频\nweb    | \nweb    | last\n"


def test_what_only_looks_like_json_is_shown_to_people_as_it_is() -> None:
    assert shown(b"{broken\n", people=True) == "web    | {broken\n"


def test_a_line_cut_between_two_reads_is_one_line() -> None:
    reader, writer = os.pipe()
    target = io.BytesIO()
    pipe = Pipe("web", os.fdopen(reader, "rb"), target, 3, False)
    os.write(writer, b"first ha")
    assert pipe.pass_on()
    assert target.getvalue() == b""
    os.write(writer, b"lf\nsecond")
    assert pipe.pass_on()
    assert target.getvalue() == b"web | first half\n"
    os.close(writer)
    assert not pipe.pass_on()
    assert target.getvalue() == b"web | first half\nweb | second\n"
    pipe.close()


def test_the_beginning_of_a_line_is_shown_though_the_pipe_stays_open() -> None:
    reader, writer = os.pipe()  # what a dead child has started may hold it
    target = io.BytesIO()
    pipe = Pipe("web", os.fdopen(reader, "rb"), target, 3, False)
    os.write(writer, b"last words")
    pipe.close()
    os.close(writer)
    assert target.getvalue() == b"web | last words\n"


def test_a_closed_terminal_is_no_reason_to_stop() -> None:
    class Closed(io.BytesIO):
        def write(self, _data: object) -> int:
            raise BrokenPipeError

    reader, writer = os.pipe()
    pipe = Pipe("web", os.fdopen(reader, "rb"), Closed(), 3, False)
    os.write(writer, b"line\n")
    assert pipe.pass_on()
    os.close(writer)
    assert not pipe.pass_on()
    pipe.close()
