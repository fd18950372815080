"""
The language runtime: what the `pulumi` executable asks to run the program, served by this process.

Answers the executable's questions; how the program runs that it asks for is known to `program`.

Source: `sdk/proto/pulumi/language.proto` and `sdk/python/lib/pulumi/automation/_server.py` 3.272.
"""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import contextmanager
from typing import Any, Final

import grpc
from pulumi.runtime.proto import (
    engine_pb2,
    engine_pb2_grpc,
    language_pb2,
    language_pb2_grpc,
    plugin_pb2,
)

from meta_prefect.engine.automation.program import Message, find_engine_address, start_program
from meta_prefect.engine.embedded.program import ProgramFailure
from meta_prefect.interfaces.engine import Program

_OPTIONS: Final = [
    ("grpc.max_receive_message_length", 400 * 1024 * 1024),
    ("grpc.max_send_message_length", 400 * 1024 * 1024),
]
_SERVER_THREADS: Final = 4
_LOG_SECONDS: Final = 10.0
_MONITOR_GONE: Final = "Resource monitor has terminated, shutting down"
"""What the SDK says when the executable has stopped already; the reason was said before."""


class LanguageRuntime(language_pb2_grpc.LanguageRuntimeServicer):
    """Runs one program, as often as it is asked to."""

    def __init__(self, program: Program | None, root: str) -> None:
        """Serve a program; without one, an empty one. `root` is what positions are relative to."""
        self._program = program or _do_nothing
        self._root = root
        self.failure: ProgramFailure | None = None

    def GetRequiredPackages(self, request: Message, context: Any) -> Message:  # noqa: N802, ARG002 - the protocol's
        """Name no packages: the program says itself what it needs."""
        return language_pb2.GetRequiredPackagesResponse()

    def GetRequiredPlugins(self, request: Message, context: Any) -> Message:  # noqa: N802, ARG002 - the protocol's
        """Name no plugins, as above."""
        return language_pb2.GetRequiredPluginsResponse()

    def GetPluginInfo(self, request: Message, context: Any) -> Message:  # noqa: N802, ARG002 - the protocol's
        """Have no version of its own."""
        return plugin_pb2.PluginInfo()

    def About(self, request: Message, context: Any) -> Message:  # noqa: N802, ARG002 - the protocol's
        """Tell which Python runs."""
        version = ".".join(map(str, sys.version_info[:3]))
        return language_pb2.AboutResponse(executable=sys.executable, version=version)

    def Run(self, request: Message, context: Any) -> Message:  # noqa: N802 - the protocol's
        """
        Run the program to its end; stops it when the executable has gone.

        Only a program that came to its end is a success: what it did not register is deleted.
        """
        gone: Future[None] = Future()
        if not context.add_callback(lambda: gone.set_result(None)):
            return language_pb2.RunResponse(bail=True)
        running = start_program(self._program, request, self._root)
        both: set[Future[Any]] = {running.ended, gone}
        wait(both, return_when=FIRST_COMPLETED)
        if not running.ended.done():
            running.stop()
            return language_pb2.RunResponse(bail=True)
        failure = running.ended.result()
        if failure is None:
            return language_pb2.RunResponse()
        if failure.summary == _MONITOR_GONE:
            return language_pb2.RunResponse(bail=True)
        self.failure = failure
        text = f"{failure.summary}\n{failure.frames}".rstrip("\n")
        _log_error(request, text)
        return language_pb2.RunResponse(error=text)


def _do_nothing() -> None:
    return None


def _log_error(request: Message, text: str) -> None:
    message = engine_pb2.LogRequest(severity=engine_pb2.ERROR, message=text)
    with (
        grpc.insecure_channel(find_engine_address(request)) as channel,
        # Nobody may listen any more; the answer to `Run` says it, too.
        contextlib.suppress(grpc.RpcError),
    ):
        engine_pb2_grpc.EngineStub(channel).Log(message, timeout=_LOG_SECONDS)


@contextmanager
def serve_program(program: Program | None, root: str) -> Iterator[tuple[LanguageRuntime, str]]:
    """Serve a program on a loopback port; gives the runtime and its address."""
    runtime = LanguageRuntime(program, root)
    threads = ThreadPoolExecutor(_SERVER_THREADS, thread_name_prefix="pulumi-language")
    server = grpc.server(threads, options=_OPTIONS)
    language_pb2_grpc.add_LanguageRuntimeServicer_to_server(runtime, server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    try:
        yield runtime, f"127.0.0.1:{port}"
    finally:
        server.stop(0).wait()
