"""
Fetches provider plugins that are missing, from where their makers publish them.

Installs where Pulumi does and under Pulumi's own lock, so that both may use one folder: an archive
is checked and unpacked beside the folder, which then appears whole. What is there already is
`plugin_finder`'s business.

Source: `sdk/go/common/workspace/plugins.go` of Pulumi 3.260.
"""

from __future__ import annotations

import asyncio
import fcntl
import hashlib
import platform
import random
import re
import shutil
import sys
import tarfile
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, Final
from urllib.parse import quote, urlsplit

from meta_prefect.engine.embedded.packages import PluginNeed
from meta_prefect.engine.embedded.plugin_finder import (
    PluginPlace,
    build_lock_file,
    build_partial_mark,
    build_plugin_folder,
    find_plugin,
)
from meta_prefect.interfaces.diagnostics import MetaPrefectError

_CHUNK_BYTES: Final = 256 * 1024
_MIB: Final = 1024 * 1024
_QUIET_SECONDS: Final = 0.5
_LOCK_SECONDS: Final = 0.2
_TIMEOUT_SECONDS: Final = 30.0
_PLACEHOLDER: Final = re.compile(r"\$(?:\{|%7B)(NAME|VERSION|OS|ARCH)(?:\}|%7D)", re.IGNORECASE)
_MACHINES: Final = {"x86_64": "amd64", "aarch64": "arm64"}

Status = Callable[[str], None]


class _Stopped(Exception):
    """Nobody waits for the plugin any more."""


async def install_plugin(place: PluginPlace, need: PluginNeed, on_status: Status) -> Path:
    """
    Install a plugin and give its executable; in another thread, `on_status` on this loop.

    Raises:
        MetaPrefectError: it cannot be had.
    """
    loop, stop = asyncio.get_running_loop(), threading.Event()

    def report(text: str) -> None:
        loop.call_soon_threadsafe(on_status, text)

    try:
        return await asyncio.to_thread(_Installation(place, need, report, stop).run)
    finally:
        stop.set()


class _Installation:
    def __init__(
        self, place: PluginPlace, need: PluginNeed, report: Status, stop: threading.Event
    ) -> None:
        self._place = place
        self._need = need
        self._report = report
        self._stop = stop
        self._folder = build_plugin_folder(place, need.plugin, need.version)

    def run(self) -> Path:
        need = self._need
        if not need.version:
            raise refuse_missing(need, "the program asks for no version of it")
        url = build_url(self._place, need)
        try:
            self._folder.parent.mkdir(parents=True, exist_ok=True)
            with _locked(build_lock_file(self._folder), self._stop):
                found = find_plugin(self._place, need.plugin, need.version)
                return found or self._install(url)
        except (OSError, tarfile.TarError, EOFError) as error:
            raise refuse_missing(need, f"{url}: {error}") from error

    def _install(self, url: str) -> Path:
        draft = self._folder.with_name(f"{self._folder.name}.tmp{random.randrange(10**9)}")  # noqa: S311 - a name
        archive = draft.with_name(f"{draft.name}.tar.gz")
        try:
            self._download(url, archive)
            self._report(f"unpacking plugin {self._need.plugin} {self._need.version}")
            with tarfile.open(archive, "r:gz") as packed:
                _unpack(packed, draft)
            executable = f"pulumi-resource-{self._need.plugin}"
            if not (draft / executable).is_file():
                raise refuse_missing(self._need, f"{url} holds no {executable}")
            shutil.rmtree(self._folder, ignore_errors=True)  # what an interrupted one has left
            draft.rename(self._folder)
            build_partial_mark(self._folder).unlink(missing_ok=True)
        finally:
            archive.unlink(missing_ok=True)
            shutil.rmtree(draft, ignore_errors=True)
        return self._folder / executable

    def _download(self, url: str, target: Path) -> None:
        digest = hashlib.sha256()
        # build_url gives http and https only
        with (
            urllib.request.urlopen(url, timeout=_TIMEOUT_SECONDS) as response,  # noqa: S310
            target.open("wb") as file,
        ):
            total = int(response.headers.get("Content-Length") or 0)
            for chunk in self._read_chunks(response, total):
                digest.update(chunk)
                file.write(chunk)
        expected = dict(self._need.checksums).get(build_platform())
        if expected is not None and expected.lower() != digest.hexdigest():
            why = f"{url} has the SHA-256 {digest.hexdigest()}, and {expected} was expected"
            raise refuse_missing(self._need, why)

    def _read_chunks(self, response: BinaryIO, total: int) -> Iterator[bytes]:
        done, told = 0, 0.0
        while chunk := response.read(_CHUNK_BYTES):
            if self._stop.is_set():
                raise _Stopped
            done += len(chunk)
            if time.monotonic() - told > _QUIET_SECONDS:
                told = time.monotonic()
                self._report(_describe_progress(self._need, done, total))
            yield chunk


def _unpack(packed: tarfile.TarFile, folder: Path) -> None:
    """
    Unpack an archive into a folder, and nothing beside it.

    Raises:
        TarError: something in it is no file or folder, or lies elsewhere.
    """
    if hasattr(tarfile, "data_filter"):
        packed.extractall(folder, filter="data")
        return
    root = folder.resolve()  # Python before 3.11.4 has no filters
    for member in packed:
        inside = (root / member.name).resolve().is_relative_to(root)
        if not inside or not (member.isfile() or member.isdir()):
            raise tarfile.TarError(f"{member.name} is no file below the archive's root")
        packed.extract(member, root)


def build_platform() -> str:
    """Name this machine's system and processor as plugin archives do."""
    machine = platform.machine().lower()
    return f"{sys.platform}-{_MACHINES.get(machine, machine)}"


def build_url(place: PluginPlace, need: PluginNeed) -> str:
    """
    Say where a plugin's archive is published.

    Raises:
        MetaPrefectError: in a way that only Pulumi itself can follow.
    """
    system = build_platform()
    file = f"pulumi-resource-{need.plugin}-v{need.version}-{system}.tar.gz"
    base = need.download_url or place.official_url
    parts = urlsplit(base)
    if parts.scheme == "github" and parts.netloc == "api.github.com":
        owner, _, repository = parts.path.strip("/").partition("/")
        repository = repository or f"pulumi-{need.plugin}"
        base = f"https://github.com/{owner}/{repository}/releases/download/v{need.version}"
    elif parts.scheme not in ("http", "https"):
        raise refuse_missing(need, f"it is published at {base}, which only Pulumi itself can read")
    operating_system, _, processor = system.partition("-")
    values = {
        "NAME": need.plugin,
        "VERSION": need.version,
        "OS": operating_system,
        "ARCH": processor,
    }
    base = _PLACEHOLDER.sub(lambda match: quote(values[match[1].upper()]), base)
    return f"{base.rstrip('/')}/{quote(file)}"


def refuse_missing(need: PluginNeed, why: str) -> MetaPrefectError:
    """Say that a plugin is missing, and what to type."""
    named = f"{need.plugin} {need.version}".strip()
    server = f" --server {need.download_url}" if need.download_url else ""
    return MetaPrefectError(
        "MP5107",
        f"the provider plugin {named} is not installed and cannot be fetched",
        why=why,
        fixes=(f"pulumi plugin install resource {named}{server}",),
    )


def _describe_progress(need: PluginNeed, done_bytes: int, total_bytes: int) -> str:
    of = f" of {total_bytes / _MIB:.0f}" if total_bytes else ""
    return f"fetching plugin {need.plugin} {need.version}: {done_bytes / _MIB:.0f}{of} MiB"


@contextmanager
def _locked(path: Path, stop: threading.Event) -> Iterator[None]:
    """Hold a file's lock; the file stays, as others may wait for it."""
    with path.open("a") as file:
        while True:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                if stop.wait(_LOCK_SECONDS):
                    raise _Stopped from None
            else:
                break
        yield
