"""
Finds the executable of a provider plugin on this machine.

Looks only: on PATH, then among what Pulumi and this engine have installed. Fetching what is missing
is `plugin_download`'s business, running it `plugin_process`'s.

Source: `sdk/go/common/workspace/plugins.go` of Pulumi 3.260.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from meta_prefect.interfaces.diagnostics import ExitCode, MetaPrefectError

_FOLDER: Final = re.compile(r"resource-(?P<name>[A-Za-z0-9-][\w.-]*)-v(?P<version>\d[\w.+-]*)")
_DRAFT: Final = re.compile(r"\.tmp\d+$")
_TRUE: Final = frozenset({"1", "true", "t"})
_OFFICIAL_URL: Final = "https://get.pulumi.com/releases/plugins"


@dataclass(frozen=True, slots=True)
class PluginPlace:
    """
    Where plugins are on this machine, and where they come from.

    environment: what plugins inherit.
    home: Pulumi's folder, `plugins` in it.
    attached: loopback ports of plugins that run already, by name.
    official_url: folder of the archives of plugins that name no other.
    ambient: whether PATH is searched; may_download: whether missing ones are fetched.
    """

    environment: Mapping[str, str]
    home: Path
    attached: Mapping[str, int]
    official_url: str = _OFFICIAL_URL
    ambient: bool = True
    may_download: bool = True

    @property
    def plugins(self) -> Path:
        """The folder of installed plugins."""
        return self.home / "plugins"


def read_place(environment: Mapping[str, str]) -> PluginPlace:
    """
    Read Pulumi's own settings about plugins.

    Raises:
        MetaPrefectError: one of them makes no sense.
    """
    home = environment.get("PULUMI_HOME") or Path.home() / ".pulumi"
    return PluginPlace(
        environment,
        Path(home),
        read_attached(environment.get("PULUMI_DEBUG_PROVIDERS", "")),
        ambient=not _is_true(environment, "PULUMI_IGNORE_AMBIENT_PLUGINS"),
        may_download=not _is_true(environment, "PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION"),
    )


def read_attached(text: str) -> dict[str, int]:
    """
    Read ports of running plugins: `NAME:PORT`, separated by commas.

    Raises:
        MetaPrefectError: a port is none.
    """
    attached = {}
    for part in filter(None, text.split(",")):
        name, _, port = part.partition(":")
        if not port.isdecimal():
            raise MetaPrefectError(
                "MP5105",
                f"not a port of a running plugin: {part}",
                where="PULUMI_DEBUG_PROVIDERS",
                fixes=(f"PULUMI_DEBUG_PROVIDERS={name}:12345",),
                exit_code=ExitCode.USAGE,
            )
        attached[name.strip()] = int(port)
    return attached


def find_plugin(place: PluginPlace, name: str, version: str) -> Path | None:
    """Give a plugin's executable; an empty version means the highest there is."""
    file = f"pulumi-resource-{name}"
    if place.ambient:
        found = shutil.which(file, path=place.environment.get("PATH", ""))
        if found is not None:
            return Path(found)
    installed = dict(_list_installed(place.plugins, name))
    chosen = version or max(installed, key=order_version, default="")
    return installed[chosen] / file if chosen in installed else None


def build_plugin_folder(place: PluginPlace, name: str, version: str) -> Path:
    """Say where a plugin is installed, or will be."""
    return place.plugins / f"resource-{name}-v{version}"


def build_partial_mark(folder: Path) -> Path:
    """Name the file that says a folder is not complete."""
    return folder.with_name(f"{folder.name}.partial")


def build_lock_file(folder: Path) -> Path:
    """Name the file that is locked while a folder is being filled; it stays afterwards."""
    return folder.with_name(f"{folder.name}.lock")


def order_version(version: str) -> tuple[object, ...]:
    """Give what versions are ordered by: a release comes after what came before it."""
    core, _, early = version.partition("+")[0].partition("-")
    numbers = tuple(int(part) if part.isdecimal() else 0 for part in core.split("."))
    parts = tuple(
        (0, int(part), "") if part.isdecimal() else (1, 0, part)
        for part in filter(None, early.split("."))
    )
    return (numbers, not early, parts)


def _list_installed(folder: Path, name: str) -> Iterator[tuple[str, Path]]:
    """List versions and folders of a plugin, without what is being installed."""
    for path in folder.glob(f"resource-{name}-v*"):
        match = _FOLDER.fullmatch(path.name)
        if match is None or match["name"] != name or _DRAFT.search(path.name):
            continue
        if build_partial_mark(path).exists():
            continue
        if (path / f"pulumi-resource-{name}").is_file():
            yield match["version"], path


def _is_true(environment: Mapping[str, str], key: str) -> bool:
    return environment.get(key, "").lower() in _TRUE
