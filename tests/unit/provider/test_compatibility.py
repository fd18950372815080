"""Libraries with which a local server works."""

import sys

import pytest

from meta_prefect.provider.compatibility import check_server_libraries, judge_versions


def test_installed_libraries_fit():
    """The libraries of this project's own environment run a server."""
    assert check_server_libraries() == []


def test_another_interpreter_is_asked(tmp_path):
    """An interpreter by another path is started to tell what it has."""
    other = tmp_path / "python"
    other.write_text(f'#!/bin/sh\nexec {sys.executable} "$@"\n')
    other.chmod(0o700)

    assert check_server_libraries(str(other)) == []


@pytest.mark.parametrize("python", ["/no/such/python", "/bin/false", "/bin/echo"])
def test_no_python_is_a_problem(python):
    """What is no interpreter is said to be none."""
    (problem,) = check_server_libraries(python)

    assert problem.startswith(f"{python} is no Python")


@pytest.mark.parametrize(
    ("library", "version", "pin"),
    [
        ("fastapi", "0.151.0", "fastapi<0.151"),
        ("fastapi", "1.0", "fastapi<0.151"),
        ("sqlalchemy", "2.1.0b1", "sqlalchemy<2.1"),
    ],
)
def test_new_library_is_a_problem_with_a_pin(library, version, pin):
    """A library from the version on that breaks the server is told with the line to paste."""
    (problem,) = judge_versions("python", {"prefect": "3.8.8", library: version})

    assert f"{library} {version}" in problem
    assert f"pip install '{pin}'" in problem


@pytest.mark.parametrize("version", ["0.150.9", "0.99"])
def test_older_library_fits(version):
    """A library below the bound is no problem, compared by numbers and not by text."""
    assert judge_versions("python", {"prefect": "3.8.8", "fastapi": version}) == []


def test_missing_prefect_is_a_problem():
    """An interpreter without Prefect is told so, with the command to install it there."""
    assert judge_versions("/x/python", {"fastapi": "0.150"}) == [
        "/x/python has no Prefect: /x/python -m pip install prefect"
    ]
