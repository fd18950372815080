"""The language runtime over gRPC, asked as the executable asks it, with a monitor of the test's."""

import asyncio
import gc
import threading
import types
import weakref
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import grpc
import pulumi
import pytest
from google.protobuf import empty_pb2
from pulumi.runtime.proto import (
    engine_pb2_grpc,
    language_pb2,
    language_pb2_grpc,
    resource_pb2,
    resource_pb2_grpc,
)
from pulumi.runtime.stack import run_pulumi_func

from meta_prefect.engine.automation.language import serve_program
from tests.support.waiting import wait_until


class Monitor(resource_pb2_grpc.ResourceMonitorServicer):
    """Registers whatever comes."""

    def __init__(self):
        self.registered = []
        self.outputs = {}

    def SupportsFeature(self, request, context):  # noqa: N802 - the protocol's
        return resource_pb2.SupportsFeatureResponse(hasSupport=False)

    def RegisterResource(self, request, context):  # noqa: N802 - the protocol's
        self.registered.append((request.type, request.name))
        urn = f"urn:pulumi:dev::conf::{request.type}::{request.name}"
        return resource_pb2.RegisterResourceResponse(urn=urn, object=request.object)

    def RegisterResourceOutputs(self, request, context):  # noqa: N802 - the protocol's
        self.outputs.update(request.outputs)
        return empty_pb2.Empty()


class Engine(engine_pb2_grpc.EngineServicer):
    """Keeps the errors it is told."""

    def __init__(self):
        self.errors = []

    def Log(self, request, context):  # noqa: N802 - the protocol's
        if request.severity == 3:
            self.errors.append(request.message)
        return empty_pb2.Empty()


class Executable:
    """The side that asks."""

    def __init__(self, stub, address):
        self.monitor, self.engine = Monitor(), Engine()
        self._stub = stub
        self._address = address

    def run(self, **fields):
        """Ask for a run and give the answer."""
        return self.ask(**fields).result()

    def ask(self, **fields):
        """Ask for a run; gives what the answer will be in."""
        request = language_pb2.RunRequest(
            project="conf",
            stack="dev",
            parallel=2,
            monitor_address=self._address,
            args=[self._address],
            **fields,
        )
        return self._stub.Run.future(request, timeout=30)


@contextmanager
def asking(program):
    """Serve a program and a monitor; gives the runtime and the side that asks."""
    server = grpc.server(ThreadPoolExecutor(4))
    port = server.add_insecure_port("127.0.0.1:0")
    with (
        serve_program(program, "/root") as (runtime, address),
        grpc.insecure_channel(address) as channel,
    ):
        stub = language_pb2_grpc.LanguageRuntimeStub(channel)
        executable = Executable(stub, f"127.0.0.1:{port}")
        resource_pb2_grpc.add_ResourceMonitorServicer_to_server(executable.monitor, server)
        engine_pb2_grpc.add_EngineServicer_to_server(executable.engine, server)
        server.start()
        yield runtime, executable
        server.stop(None).wait()


def test_a_program_runs_against_the_executables_monitor():
    """Resources are registered there; names, configuration and the dry run are known."""
    seen = {}

    def program():
        seen["preview"] = pulumi.runtime.is_dry_run()
        seen["key"] = pulumi.Config("conf").require_secret("key")
        pulumi.ComponentResource("my:index:Group", "group")
        pulumi.export("project", pulumi.get_project())
        pulumi.export("organization", pulumi.get_organization())

    with asking(program) as (runtime, executable):
        answer = executable.run(
            dryRun=True,
            config={"conf:key": "k"},
            configSecretKeys=["conf:key"],
            organization="acme",
        )

    assert answer.error == ""
    assert runtime.failure is None
    assert seen["preview"] is True
    assert executable.monitor.registered == [
        ("pulumi:pulumi:Stack", "conf-dev"),
        ("my:index:Group", "group"),
    ]
    assert executable.monitor.outputs == {"project": "conf", "organization": "acme"}


def test_a_program_that_raises():
    """The executable hears it twice, and the runtime keeps what went wrong."""

    def program():
        raise LookupError("no such bucket")

    with asking(program) as (runtime, executable):
        answer = executable.run()

    assert runtime.failure.summary == "LookupError: no such bucket"
    assert "test_language.py" in runtime.failure.frames
    assert answer.error.startswith("LookupError: no such bucket\n")
    assert executable.engine.errors == [answer.error]


def test_a_monitor_that_has_gone_is_no_success_either():
    """Who stopped has said why, but a program cut short must not pass for one that ended."""
    with asking(lambda: None) as (runtime, executable):
        executable._address = "127.0.0.1:1"
        answer = executable.run()

    assert (runtime.failure, answer.error, answer.bail) == (None, "", True)


@pytest.mark.parametrize("method", ["GetRequiredPackages", "GetRequiredPlugins", "GetPluginInfo"])
def test_questions_before_the_run(method):
    """The executable asks what is needed; an inline program says nothing in advance."""
    requests = {
        "GetRequiredPackages": language_pb2.GetRequiredPackagesRequest(),
        "GetRequiredPlugins": language_pb2.GetRequiredPluginsRequest(),
        "GetPluginInfo": empty_pb2.Empty(),
    }

    with asking(None) as (_, executable):
        answer = getattr(executable._stub, method)(requests[method])

    assert answer.ByteSize() == 0


def test_a_program_ends_with_the_run_that_asked_for_it():
    """When the executable stops asking, the program is cancelled where it waits."""
    seen = []

    async def program():
        seen.append("began")
        try:
            await asyncio.Event().wait()
        finally:
            seen.append("ended")

    with asking(program) as (_, executable):
        asked = executable.ask()
        wait_until(lambda: seen == ["began"])
        asked.cancel()

        wait_until(lambda: seen == ["began", "ended"])
        wait_until(lambda: "pulumi-program" not in {each.name for each in threading.enumerate()})


def test_tasks_that_wait_for_each_other_end_with_a_program_that_raised():
    """What a failed program left open is cancelled together, and again if it waits on."""
    tasks = {}

    async def wait_for(other):
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            await asyncio.wait({tasks[other]})

    async def program():
        tasks["a"] = asyncio.ensure_future(wait_for("b"))
        tasks["b"] = asyncio.ensure_future(wait_for("a"))
        await asyncio.sleep(0)
        raise LookupError("no such bucket")

    with asking(program) as (runtime, executable):
        executable.run()

    assert runtime.failure.summary == "LookupError: no such bucket"
    assert [task.cancelled() for task in tasks.values()] == [True, True]


@pytest.fixture
def idle_collector():
    """Python's collector, which runs in this test only when somebody asks it to."""
    gc.disable()
    yield
    gc.enable()


@pytest.mark.usefixtures("idle_collector")
def test_what_others_left_is_gone_when_a_program_begins():
    """What waits to be collected is collected before, and not in the midst of the program."""
    seen = []
    left = type("Left", (), {})  # a class holds itself
    weakref.finalize(left, seen.append, "collected")
    del left

    with asking(lambda: seen.append("began")) as (_, executable):
        executable.run()

    assert seen == ["collected", "began"]


# A program that is collected wants to go on, and Python says that it cannot.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_another_program_that_is_collected_takes_nothing_away():
    """A program registers all it made, though an unfinished one is collected in its midst."""

    @types.coroutine
    def wait():
        yield

    left = [run_pulumi_func(wait)]
    left[0].send(None)

    def program():
        pulumi.ComponentResource("my:index:Group", "group")
        left.clear()

    with asking(program) as (runtime, executable):
        answer = executable.run()

    assert (runtime.failure, answer.error, answer.bail) == (None, "", False)
    assert executable.monitor.registered == [
        ("pulumi:pulumi:Stack", "conf-dev"),
        ("my:index:Group", "group"),
    ]


def test_without_a_program_an_empty_one_runs():
    """A destroy has no program; the executable may ask all the same."""
    with asking(None) as (_, executable):
        executable.run()

    assert executable.monitor.registered == [("pulumi:pulumi:Stack", "conf-dev")]
