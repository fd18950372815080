"""Looking at state through the executable, with a stand-in for it."""

import json

import pytest

from meta_prefect.engine.automation.executable import read_executable
from meta_prefect.engine.automation.reader import ExecutableReader
from meta_prefect.engine.automation.workspace import Place
from meta_prefect.interfaces.diagnostics import MetaPrefectError
from meta_prefect.interfaces.values import Secret
from tests.support.pulumi_events import SECRET
from tests.support.pulumi_stand_in import StandIn
from tests.support.state import PROJECT, STACK, STACK_URN, urn_of

NO_STACK = {"stderr": "error: no stack named 'dev' found", "exit_code": 6}


@pytest.fixture
def stand_in(tmp_path):
    return StandIn(tmp_path)


@pytest.fixture
def reader(stand_in, tmp_path):
    executable = read_executable(stand_in.path)
    place = Place(executable, "s3://bucket", lambda: "pw", {"PATH": "/usr/bin"})
    return ExecutableReader(lambda: place, PROJECT, str(tmp_path))


def test_a_stack_is_read_from_its_export(reader, stand_in):
    """Records and pending operations are there; secrets are known to be, and stay unread."""
    thing = {
        "urn": urn_of("a"),
        "custom": True,
        "type": "test:index:Thing",
        "id": "a-1",
        "inputs": {"key": SECRET, "n": 1},
        "parent": STACK_URN,
        "dependencies": [urn_of("b")],
    }
    deployment = {
        "manifest": {"time": "", "magic": "", "version": ""},
        "secrets_providers": {"type": "service", "state": {"url": "u"}},
        "resources": [thing],
        "pending_operations": [{"resource": thing, "type": "creating"}],
    }
    stand_in.answer("stack export", stdout=json.dumps({"version": 3, "deployment": deployment}))

    record = reader.read_stack(STACK)

    (found,) = record.resources
    assert (record.name, found.urn, found.id) == (STACK, urn_of("a"), "a-1")
    assert (found.parent, found.dependencies) == (STACK_URN, (urn_of("b"),))
    assert found.inputs["n"] == 1
    assert isinstance(found.inputs["key"], Secret)
    assert record.pending_operations == [(urn_of("a"), "creating")]
    (call,) = stand_in.calls
    assert "--show-secrets" not in call.arguments
    assert call.environment["PULUMI_BACKEND_URL"] == "s3://bucket"


def test_a_stack_that_was_never_written(reader, stand_in):
    """A new stack has no deployment: no resources, but it is there."""
    stand_in.answer("stack export", stdout='{"version": 3}')

    assert list(reader.read_stack(STACK).resources) == []


def test_no_such_stack(reader, stand_in):
    """It is None, not an error; its history is empty."""
    stand_in.answer("stack export", **NO_STACK)
    stand_in.answer("stack history", **NO_STACK)

    assert reader.read_stack(STACK) is None
    assert reader.read_history(STACK) == []


def test_stacks_are_listed_by_their_own_names(reader, stand_in):
    """An organization in front is left out."""
    found = [{"name": "acme/prod", "current": False}, {"name": "dev", "current": True}]
    stand_in.answer("stack ls", stdout=json.dumps(found))

    assert reader.list_stacks() == ["dev", "prod"]


def test_history(reader, stand_in):
    """Moments become seconds; an operation that still runs has no end."""
    entry = {
        "kind": "update",
        "startTime": "2025-01-02T03:04:05.000Z",
        "message": "why",
        "result": "in-progress",
        "resourceChanges": {"create": 1},
    }
    stand_in.answer("stack history", stdout=json.dumps([entry]))

    (found,) = reader.read_history(STACK)

    assert (found.start_time, found.end_time) == (1735787045, 0)
    assert (found.kind, found.message, found.changes) == ("update", "why", {"create": 1})


def test_other_complaints_are_raised(reader, stand_in):
    """A backend that refuses is an error with its code."""
    stand_in.answer("stack export", stderr="error: [401] Unauthorized", exit_code=3)

    with pytest.raises(MetaPrefectError, match="MP5204"):
        reader.read_stack(STACK)
