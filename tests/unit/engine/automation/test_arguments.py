"""Operations as command lines."""

import pytest

from meta_prefect.engine.automation.arguments import build_arguments, build_import_file
from meta_prefect.interfaces.engine import ImportItem, OperationKind, OperationRequest, Scope
from tests.support.state import PROJECT, STACK, urn_of

UP, DESTROY, REFRESH = OperationKind.UP, OperationKind.DESTROY, OperationKind.REFRESH


def write(kind, **fields):
    request = OperationRequest(kind, PROJECT, STACK, **fields)
    return build_arguments(request, event_log="EVENTS", client="1:2", import_file="FILE")


def test_plugins_are_looked_for_when_they_are_needed():
    """What this process serves is on no disk: an executable that can is told not to search."""
    request = OperationRequest(UP, PROJECT, STACK)
    arguments = build_arguments(
        request, event_log="EVENTS", client="1:2", import_file="FILE", installs_lately=True
    )

    assert "--skip-plugin-pre-install" in arguments
    assert "--skip-plugin-pre-install" not in write(UP)


def preview(of, **fields):
    return write(OperationKind.PREVIEW, preview_of=of, **fields)


ALWAYS = [
    "--stack",
    STACK,
    "--non-interactive",
    "--color",
    "never",
    "--event-log",
    "EVENTS",
    "--suppress-outputs",
]
INLINE = ["--client", "1:2", "--exec-kind", "auto.inline"]


def test_up():
    """A plain up goes ahead without a preview of its own, in the inline form."""
    assert write(UP, parallel=3) == [
        "up",
        *ALWAYS,
        "--yes",
        "--skip-preview",
        "--parallel",
        "3",
        "--refresh=false",
        "--continue-on-error=false",
        *INLINE,
    ]


def test_everything_of_a_request_is_said():
    """Scope, refresh, message and the other wishes each have their flag."""
    scope = Scope(
        targets=("a", "b*"), target_dependents=True, exclude_dependents=True, replace=("c",)
    )

    arguments = write(
        UP,
        scope=scope,
        refresh=True,
        continue_on_error=True,
        expect_no_changes=True,
        message="why",
    )

    text = " ".join(arguments)
    assert "--target a --target b* --target-dependents --exclude-dependents --replace c" in text
    assert "--message why --refresh=true --expect-no-changes --continue-on-error=true" in text


@pytest.mark.parametrize(
    ("arguments", "verb", "with_flags", "without_flags"),
    [
        (
            preview(UP, continue_on_error=True),
            "preview",
            [],
            ["--yes", "--preview-only", "--continue-on-error=true"],
        ),
        (preview(DESTROY), "destroy", ["--preview-only", "--run-program=false"], ["--yes"]),
        (preview(REFRESH), "refresh", ["--preview-only", "--run-program=false"], ["--yes"]),
        (
            write(DESTROY, expect_no_changes=True, scope=Scope(replace=("c",))),
            "destroy",
            ["--yes", "--skip-preview"],
            ["--expect-no-changes", "--replace"],
        ),
        (
            write(REFRESH, scope=Scope(excludes=("x",))),
            "refresh",
            ["--exclude", "--yes"],
            ["--refresh=false", "--continue-on-error=false"],
        ),
    ],
)
def test_each_command_gets_its_own_flags(arguments, verb, with_flags, without_flags):
    """A command is never given a flag that it does not know."""
    assert arguments[0] == verb
    assert set(with_flags) <= set(arguments)
    assert not set(without_flags) & set(arguments)


def test_import():
    """An import reads a file, makes no code, and has no program."""
    items = (ImportItem(urn_of("a").split("::")[2], "a", "a-1", protect=False),)

    arguments = write(OperationKind.IMPORT, imports=items)

    assert arguments[-4:] == ["--protect=false", "--file", "FILE", "--generate-code=false"]
    assert "--client" not in arguments


def test_import_file():
    """URNs get names in a table; a parent of the same request keeps its own."""
    items = (
        ImportItem("t:i:A", "a", "1", parent="URN-P", provider="URN-Q", version="1.2.3"),
        ImportItem("t:i:B", "b", "2", parent="a", properties=("x",)),
    )

    assert build_import_file(items) == {
        "nameTable": {"existing-0": "URN-P", "existing-1": "URN-Q"},
        "resources": [
            {
                "type": "t:i:A",
                "name": "a",
                "id": "1",
                "parent": "existing-0",
                "provider": "existing-1",
                "version": "1.2.3",
            },
            {"type": "t:i:B", "name": "b", "id": "2", "parent": "a", "properties": ["x"]},
        ],
    }
