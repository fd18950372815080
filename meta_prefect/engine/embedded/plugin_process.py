"""
The process of a provider plugin: started, listened to, and ended with everything it has started.

Knows that a plugin prints the port it listens on; what is said over that port is `plugin`'s
business. Ends only what it started itself: the group of its own child.

Source: `sdk/go/common/resource/plugin/plugin.go` of Pulumi 3.260.
"""

from __future__ import annotations

import asyncio
import os
import re
import signal
from collections import deque
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Final

from meta_prefect.interfaces.diagnostics import MetaPrefectError

_ESCAPES: Final = re.compile(rb"\x1b(?:\][^\x07\x1b]*(?:\x07|\x1b\\)|\[[0-?]*[ -/]*[@-~])")
_START_SECONDS: Final = 60.0
_END_SECONDS: Final = 5.0
_LINE_BYTES: Final = 1024 * 1024
_LAST_LINES: Final = 20

LineSink = Callable[[str], None]


class PluginProcess:
    """
    One running plugin.

    port: where it listens, on loopback.
    """

    def __init__(self, path: Path, child: asyncio.subprocess.Process, on_line: LineSink) -> None:
        """Take over a child that was just started and leads a group of its own."""
        self.port = 0
        self._path = path
        self._child = child
        self._on_line = on_line
        self._errors: deque[str] = deque(maxlen=_LAST_LINES)
        assert child.stderr is not None
        self._readers = [asyncio.ensure_future(self._pass_on(child.stderr, self._errors))]
        self._ended = asyncio.ensure_future(self._watch())

    async def wait_for_port(self) -> None:
        """
        Wait until the plugin says where it listens; whatever it prints later is passed on.

        Raises:
            MetaPrefectError: it ends, says something else, or says nothing.
        """
        assert self._child.stdout is not None
        try:
            async with asyncio.timeout(_START_SECONDS):
                line = await _read_first_line(self._child.stdout)
        except TimeoutError:
            raise self._explain(f"it said nothing for {_START_SECONDS:g} seconds") from None
        if not line:
            await self._ended
            raise self._explain(f"it ended with code {self._child.returncode}")
        if not line.isdecimal():
            raise self._explain(f"it said {line[:80]!r} and not the port that it listens on")
        self.port = int(line)
        self._readers.append(asyncio.ensure_future(self._pass_on(self._child.stdout, deque())))

    def describe_errors(self) -> str:
        """Give the last lines of what the plugin complained of."""
        return "\n".join(self._errors)

    async def has_ended(self, patience_seconds: float) -> bool:
        """Say whether the process has ended, or does so within some time."""
        await asyncio.wait({self._ended}, timeout=patience_seconds)
        return self._ended.done()

    async def end(self) -> None:
        """Ask the plugin to end, wait, then end it and what it started; the last call."""
        if not self._ended.done():
            self._signal(signal.SIGTERM)
            if not await self.has_ended(_END_SECONDS):
                self._signal(signal.SIGKILL)
        await self._ended
        await asyncio.wait(self._readers, timeout=1)
        for reader in self._readers:
            reader.cancel()

    async def _watch(self) -> None:
        await self._child.wait()
        # At once, while the number of the group cannot be anybody else's.
        self._signal(signal.SIGKILL)

    def _signal(self, number: signal.Signals) -> None:
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(self._child.pid, number)

    async def _pass_on(self, stream: asyncio.StreamReader, last: deque[str]) -> None:
        while line := await _read_line(stream):
            text = _ESCAPES.sub(b"", line).decode(errors="replace").rstrip()
            if text:
                last.append(text)
                self._on_line(text)

    def _explain(self, why: str) -> MetaPrefectError:
        said = self.describe_errors()
        return MetaPrefectError(
            "MP5106",
            f"the provider plugin {self._path.name} does not start",
            where=str(self._path),
            why=f"{why}\n{said}".strip(),
            fixes=(f"{self._path} 127.0.0.1:1",),
        )


async def start_process(
    path: Path, arguments: list[str], environment: Mapping[str, str], folder: str, on_line: LineSink
) -> PluginProcess:
    """
    Start a plugin and wait for its port.

    Raises:
        MetaPrefectError: it does not start.
    """
    try:
        child = await asyncio.create_subprocess_exec(
            path,
            *arguments,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            env=dict(environment),
            cwd=folder or None,
            start_new_session=True,
            limit=_LINE_BYTES,
        )
    except OSError as error:
        raise MetaPrefectError(
            "MP5106",
            f"the provider plugin {path.name} does not start",
            where=str(path),
            why=error.strerror or str(error),
        ) from error
    process = PluginProcess(path, child, on_line)
    try:
        await process.wait_for_port()
    except BaseException:
        await process.end()
        raise
    return process


async def _read_first_line(stream: asyncio.StreamReader) -> str:
    while line := await _read_line(stream):
        text = _ESCAPES.sub(b"", line).decode(errors="replace").strip()
        if text:
            return text
    return ""


async def _read_line(stream: asyncio.StreamReader) -> bytes:
    """Read a line; of one that is too long only the rest."""
    while True:
        try:
            return await stream.readline()
        except ValueError:
            continue
