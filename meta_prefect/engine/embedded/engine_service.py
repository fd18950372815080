"""
The engine as the program sees it: takes messages, knows the stack's URN, checks version ranges.

An object with the method names of the SDK's gRPC stub, called directly. Not to be confused with
`engine_server`, which says the same to plugins over a wire, and with `monitor`, where resources go.

Source: `sdk/proto/pulumi/engine.proto` of Pulumi 3.272.
"""

from __future__ import annotations

import asyncio
import re
from typing import Any, Final, Protocol

from google.protobuf import empty_pb2
from pulumi.runtime.proto import engine_pb2

from meta_prefect.engine.embedded.failures import fail_call
from meta_prefect.engine.state.checkpoint import ENGINE_VERSION
from meta_prefect.interfaces.diagnostics import Severity

_SEVERITIES: Final = {
    engine_pb2.INFO: Severity.INFO,
    engine_pb2.WARNING: Severity.WARNING,
    engine_pb2.ERROR: Severity.ERROR,
}


class Listener(Protocol):
    """Takes what the program has to say, on the engine's loop."""

    def log(self, severity: Severity, urn: str, message: str, ephemeral: bool) -> None: ...


class EngineService:
    """The `Engine` service as an object; method names are the protocol's."""

    def __init__(self, listener: Listener, loop: asyncio.AbstractEventLoop) -> None:
        """Pass on to a listener, on its loop, what the program has to say."""
        self._listener = listener
        self._loop = loop
        self._root = ""

    def Log(self, request: Any) -> empty_pb2.Empty:  # noqa: N802
        """Pass a message on; what is for developers of the SDK is dropped."""
        severity = _SEVERITIES.get(request.severity)
        if severity is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(
                self._listener.log, severity, request.urn, request.message, request.ephemeral
            )
        return empty_pb2.Empty()

    def GetRootResource(self, request: Any) -> Any:  # noqa: ARG002, N802
        """Give the stack's URN."""
        return engine_pb2.GetRootResourceResponse(urn=self._root)

    def SetRootResource(self, request: Any) -> Any:  # noqa: N802
        """Take the stack's URN."""
        self._root = request.urn
        return engine_pb2.SetRootResourceResponse()

    def RequirePulumiVersion(self, request: Any) -> Any:  # noqa: N802
        """Accept a version range that holds the engine which this one mirrors."""
        if not is_in_range(ENGINE_VERSION, request.pulumi_version_range):
            fail_call(
                f"Pulumi CLI version {ENGINE_VERSION} does not satisfy the version range "
                f'"{request.pulumi_version_range}"'
            )
        return engine_pb2.RequirePulumiVersionResponse()


def is_in_range(version: str, ranges: str) -> bool:
    """
    Say whether a version is in a range such as `>=3.0.0 !3.1.2 || <2.0.0`.

    Raises:
        CallFailed: the range cannot be read.
    """
    return any(
        all(_satisfies(version, part) for part in alternative.split())
        for alternative in ranges.split("||")
    )


def _satisfies(version: str, condition: str) -> bool:
    match = _CONDITION.fullmatch(condition)
    if match is None:
        fail_call(f"not a version range: {condition!r}")
    ours, theirs = (tuple(map(int, text.split("."))) for text in (version, match["version"]))
    match match["operator"]:
        case ">":
            return ours > theirs
        case ">=":
            return ours >= theirs
        case "<":
            return ours < theirs
        case "<=":
            return ours <= theirs
        case "!" | "!=":
            return ours != theirs
    return ours == theirs


_CONDITION: Final = re.compile(r"(?P<operator>[<>]=?|!=?|==?|)v?(?P<version>\d+\.\d+\.\d+)")
