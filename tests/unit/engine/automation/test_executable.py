"""Which executables will do."""

import pytest

from meta_prefect.engine.automation.executable import parse_version, read_executable
from meta_prefect.interfaces.diagnostics import MetaPrefectError
from tests.support.pulumi_stand_in import StandIn


def test_a_good_one(tmp_path):
    """It is asked for its version, once."""
    stand_in = StandIn(tmp_path)

    found = read_executable(stand_in.path)

    assert (found.path, found.version_text) == (stand_in.path, "3.272.0")


@pytest.mark.parametrize(
    ("said", "summary"),
    [
        ("v3.199.9", "pulumi 3.199.9 is too old"),
        ("2.1.0\n", "pulumi 2.1.0 is too old"),
        ("a dialect", "does not tell its version"),
    ],
)
def test_one_that_will_not_do(said, summary, tmp_path):
    """Too old, or nothing that looks like a version: an error with the install line."""
    path = tmp_path / "pulumi"
    path.write_text(f"#!/bin/sh\necho {said}\n")
    path.chmod(0o755)

    with pytest.raises(MetaPrefectError, match="MP5202") as caught:
        read_executable(str(path))

    assert summary in caught.value.diagnostic.summary
    assert caught.value.diagnostic.fixes == ("curl -fsSL https://get.pulumi.com | sh",)


@pytest.mark.parametrize(
    ("script", "why"),
    [
        ("#!/bin/sh\nexit 3\n", "it ended with exit code 3"),
        ("#!/bin/sh\necho no library >&2; exit 127\n", "no library"),
        ("#!/no/such/interpreter\n", "No such file or directory"),
    ],
)
def test_one_that_does_not_run(script, why, tmp_path):
    """Whatever stops it, the error says which file it is, and why."""
    path = tmp_path / "pulumi"
    path.write_text(script)
    path.chmod(0o755)

    with pytest.raises(MetaPrefectError, match="does not run") as caught:
        read_executable(str(path))

    assert caught.value.diagnostic.why == why


@pytest.mark.parametrize(
    ("text", "version"),
    [
        ("v3.272.0", (3, 272, 0)),
        ("3.205.1-alpha.1+dirty\n", (3, 205, 1)),
        ("", None),
        ("pulumi", None),
    ],
)
def test_versions(text, version):
    """With or without the letter, a pre-release counts as its release."""
    assert parse_version(text) == version
