"""What the executable complains about."""

import pytest

from meta_prefect.engine.automation.errors import (
    NoSuchStack,
    build_error,
    build_missing_plugin,
    find_error,
)
from meta_prefect.interfaces.diagnostics import ExitCode

LOCKED = """error: the stack is currently locked by 1 lock(s). Either wait for the other \
process(es) to end or delete the lock file with `pulumi cancel`.
  file:///s/.pulumi/locks/x.json: created by ci@runner-12 (pid 77) at 2025-01-02T03:04:05Z
"""


NO_PASSPHRASE = """error: getting stack configuration: get stack secrets manager: passphrase must \
be set with PULUMI_CONFIG_PASSPHRASE or PULUMI_CONFIG_PASSPHRASE_FILE environment variables
"""
NO_PLUGIN = """error: no resource plugin 'pulumi-resource-aws' found in the workspace at version \
v7.0.0 or on your $PATH, install the plugin using `pulumi plugin install resource aws v7.0.0`
"""
NO_DOWNLOAD = """Could not automatically download and install resource plugin \
'pulumi-resource-random' at version v4.16.0, install the plugin using \
`pulumi plugin install resource random v4.16.0`: error downloading: no route"""
FEATURES = "error: this stack's deployment needs support for the following features: "


@pytest.mark.parametrize(
    ("stderr", "code", "exit_code"),
    [
        (LOCKED, "MP4201", ExitCode.LOCKED),
        (
            "error: [409] Conflict: Another update is currently in progress.",
            "MP4201",
            ExitCode.LOCKED,
        ),
        ("error: incorrect passphrase", "MP4301", ExitCode.AUTHENTICATION),
        (NO_PASSPHRASE, "MP4301", ExitCode.AUTHENTICATION),
        (
            "error: PULUMI_ACCESS_TOKEN must be set for login during non-interactive CLI sessions",
            "MP5204",
            ExitCode.AUTHENTICATION,
        ),
        ("error: no stack named 'dev' found", "MP4108", ExitCode.NOT_FOUND),
        (f"{FEATURES}metaPrefectJournal", "MP5206", ExitCode.ERROR),
        (f"{FEATURES}views", "MP5202", ExitCode.USAGE),
        ("error: unknown flag: --exclude-dependents", "MP5202", ExitCode.USAGE),
        (NO_PLUGIN, "MP5107", ExitCode.ERROR),
        ("error: read .pulumi/meta.yaml: access denied", "MP5205", ExitCode.ERROR),
    ],
)
def test_complaints(stderr, code, exit_code):
    """Each known text has a code of ours, and so has an unknown one."""
    error = build_error(["up"], "dev", 255, stderr)

    assert (error.diagnostic.code, error.exit_code) == (code, exit_code)
    assert error.diagnostic.why


def test_a_lock_says_whose_it_is():
    """Who holds the lock is the reason; the cure names the stack."""
    error = build_error(["up"], "dev", 255, LOCKED)

    assert error.diagnostic.why == "by ci@runner-12, process 77, since 2025-01-02T03:04:05Z"
    assert error.diagnostic.fixes == ("if that run is dead: meta-prefect unlock -s dev",)


def test_a_missing_plugin_comes_with_its_command():
    """The command that the executable names is the cure."""
    error = build_error(["up"], "dev", 255, NO_PLUGIN)

    assert error.diagnostic.fixes == ("pulumi plugin install resource aws v7.0.0",)


@pytest.mark.parametrize(
    ("message", "summary", "why", "fixes"),
    [
        (
            NO_DOWNLOAD,
            "the provider plugin random 4.16.0 is not installed and cannot be fetched",
            "error downloading: no route",
            ("pulumi plugin install resource random v4.16.0",),
        ),
        (
            "no resource plugin 'x' found",
            "the provider plugin x is not installed and cannot be fetched",
            "no resource plugin 'x' found",
            (),
        ),
        ("plugin x not found", "plugin x not found", "", ()),
    ],
)
def test_a_missing_plugin_is_named(message, summary, why, fixes):
    """Name and version of the plugin, why it did not come, and the command that brings it."""
    found = build_missing_plugin(message, "a")

    assert (found.code, found.where) == ("MP5107", "a")
    assert (found.summary, found.why, found.fixes) == (summary, why, fixes)


def test_a_command_that_was_killed_leaves_its_lock():
    """The signal is the reason, and the cure is for the lock that is left."""
    error = build_error(["up"], "dev", -9, "")

    assert error.diagnostic.why.startswith("it was killed (SIGKILL)")
    assert error.diagnostic.fixes == ("meta-prefect unlock -s dev",)


@pytest.mark.parametrize(
    ("exit_code", "stderr"), [(6, "error: gone"), (255, "error: no stack named 'dev' found")]
)
def test_no_such_stack_has_a_kind_of_its_own(exit_code, stderr):
    """It is known by the exit code of a newer executable as by the text."""
    assert isinstance(find_error("dev", exit_code, stderr), NoSuchStack)


def test_what_is_not_known_is_quoted():
    """The last lines of an unknown complaint are the reason, without noise."""
    stderr = "warning: A new version of Pulumi is available\n\nerror: one\nerror: two\n"

    error = build_error(["stack", "init"], "dev", 1, stderr)

    assert find_error("dev", 1, stderr) is None
    assert error.diagnostic.summary == "pulumi stack init failed"
    assert error.diagnostic.why == "one\ntwo"
