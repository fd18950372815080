"""Causes of an early end, by the lines that a real server wrote."""

from pathlib import Path

import pytest

from meta_prefect.provider.server_failures import PORT_TAKEN, explain_end, find_cause

LOG = Path("/home/logs/server.log")


@pytest.mark.parametrize(
    ("line", "cure"),
    [
        ("Port 4200 is already in use. Please specify a different port with the", "another port"),
        ("TypeError: Body() got an unexpected keyword argument 'min_items'", "fastapi<0.151"),
        ("sqlalchemy.exc.InvalidRequestError: Can't evaluate bulk DML statement", "sqlalchemy<2.1"),
        ("alembic.util.exc.CommandError: Can't locate revision identified by 'a3'", "that Prefect"),
        ("sqlite3.OperationalError: database is locked", "stop what uses"),
        ("sqlite3.OperationalError: unable to open database file", "writable"),
        ("sqlite3.OperationalError: attempt to write a readonly database", "writable"),
        ("sqlite3.DatabaseError: file is not a database", "restore"),
        ("/usr/bin/python3: No module named prefect", "pip install prefect"),
        ("ModuleNotFoundError: No module named 'asyncpg'", "reinstall"),
        ("OSError: [Errno 28] No space left on device", "make room"),
    ],
)
def test_cause_is_found(line, cure):
    """A line that is known for its cause is found among others, and has a cure."""
    cause = find_cause(["Traceback (most recent call last):", line, "Server stopped!"])

    assert cause is not None
    assert cure in cause.cure


def test_last_cause_counts():
    """Of several causes the one said last is the one that ended the server."""
    lines = ["database is locked", "Port 4200 is already in use."]

    assert find_cause(lines) is PORT_TAKEN


def test_unknown_cause_shows_the_last_lines():
    """Without a known cause the end of the log is shown, with its place."""
    error = explain_end("the server ended", [f"line {number}" for number in range(20)], LOG)

    assert error.cause is None
    assert str(error).startswith(f"the server ended; its log, {LOG}, ends with\n")
    assert "line 19" in str(error)
    assert "line 11" not in str(error)


def test_silent_end_is_said():
    """A server that wrote nothing is said to have written nothing."""
    assert str(explain_end("the server ended", [], LOG)).endswith("nothing")
