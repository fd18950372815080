"""
Settings of a project: flags, then environment, then `[tool.meta_prefect]` of `pyproject.toml`.

Every value knows its source, so that `doctor` can show it. Reads files and environment, writes
nothing. Not to be confused with `provider.settings`, which is about one Prefect API.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from meta_prefect.interfaces.diagnostics import ExitCode, MetaPrefectError

FOLDER: Final = ".meta_prefect"
_ROOT_MARKS: Final = ("pyproject.toml", FOLDER, ".git")
_ENGINES: Final = ("auto", "pulumi", "embedded")
# Those of `pulumi login` 3.260; only the first needs no executable.
_BACKENDS: Final = (
    "file://",
    "s3://",
    "gs://",
    "azblob://",
    "postgres://",
    "https://",
    "http://",
)
_STACK_NAME: Final = re.compile(r"[A-Za-z0-9_.-]{1,100}")


@dataclass(frozen=True, slots=True)
class Setting:
    """
    One value and where it comes from.

    source: the flag, the environment variable, `pyproject.toml` or `default`.
    """

    value: str
    source: str


@dataclass(frozen=True, slots=True)
class _Known:
    """A setting that exists: its key in `pyproject.toml`, its variables, its default."""

    key: str
    variables: tuple[str, ...]
    default: str = ""


_KNOWN: Final = (
    _Known("project", ("META_PREFECT__PROJECT",)),
    _Known("stack", ("META_PREFECT_STACK", "META_PREFECT__STACK"), "dev"),
    _Known("engine", ("META_PREFECT_ENGINE", "META_PREFECT__ENGINE"), "auto"),
    _Known("backend", ("PULUMI_BACKEND_URL", "META_PREFECT__BACKEND")),
    _Known("profile", ("PREFECT_PROFILE",)),
)


@dataclass(frozen=True, slots=True)
class ProjectSettings:
    """
    Everything that a command needs to know before it looks at a flow.

    root: absolute folder of the project.
    values: by key, see `_KNOWN`; all keys are there.
    is_program: the root holds a Pulumi program of the team's own, not flows.
    excludes: folders below the root, or globs, that hold no flows.
    """

    root: Path
    values: Mapping[str, Setting]
    is_program: bool = False
    excludes: tuple[str, ...] = ()
    warnings: tuple[str, ...] = field(default=())

    @property
    def project(self) -> str:
        """Name of the Pulumi project."""
        return self.values["project"].value

    @property
    def stack(self) -> str:
        """Name of the stack."""
        return self.values["stack"].value

    @property
    def engine(self) -> str:
        """One of `auto`, `pulumi`, `embedded`."""
        return self.values["engine"].value

    @property
    def backend_url(self) -> str:
        """Where state is kept, as Pulumi says it (`file://...`)."""
        return self.values["backend"].value

    @property
    def profile(self) -> str:
        """Prefect profile to use; empty: the active one."""
        return self.values["profile"].value

    @property
    def folder(self) -> Path:
        """The project's own folder for state, passphrase and a local server; git-ignored."""
        return self.root / FOLDER

    @property
    def state_is_local(self) -> bool:
        """Whether state lies in the project's own folder."""
        return self.values["backend"].source == "default"


def read_settings(
    directory: Path, flags: Mapping[str, str | None], environment: Mapping[str, str]
) -> ProjectSettings:
    """
    Find the project around a folder and resolve its settings.

    flags: by key; None or empty means not given.

    Raises:
        MetaPrefectError: no such folder, a broken `pyproject.toml`, a value that is not allowed.
    """
    root = find_root(directory)
    table, project_name = _read_pyproject(root)
    defaults = {
        "project": _make_name(project_name or root.name),
        "backend": (root / FOLDER / "state").as_uri(),
    }
    values = {
        known.key: _resolve(
            known, flags, environment, table, defaults.get(known.key, known.default)
        )
        for known in _KNOWN
    }
    _check(values)
    return ProjectSettings(
        root,
        values,
        excludes=tuple(table.get("exclude", ())),
        warnings=_unknown_keys(table),
    )


def read_program_settings(
    folder: Path,
    name: str,
    backend: str,
    flags: Mapping[str, str | None],
    environment: Mapping[str, str],
) -> ProjectSettings:
    """
    Resolve the settings for a Pulumi program of the team's own.

    name, backend: what its `Pulumi.yaml` says; an empty backend means the folder's own.

    Raises:
        MetaPrefectError: a value that is not allowed.
    """
    defaults = {"backend": backend or (folder / FOLDER / "state").as_uri()}
    values = {
        known.key: _resolve(known, flags, environment, {}, defaults.get(known.key, known.default))
        for known in _KNOWN
    }
    values["project"] = Setting(name, "Pulumi.yaml")
    _check(values)
    return ProjectSettings(folder, values, is_program=True)


def find_root(directory: Path) -> Path:
    """
    Find the project around a folder; the folder itself when nothing marks one.

    Raises:
        MetaPrefectError: there is no such folder.
    """
    start = directory.expanduser().resolve()
    if not start.is_dir():
        raise MetaPrefectError(
            "MP1001",
            f"there is no folder {directory}",
            fixes=(f"mkdir -p {directory}",),
            exit_code=ExitCode.USAGE,
        )
    for mark in _ROOT_MARKS:
        for folder in (start, *start.parents):
            if (folder / mark).exists():
                return folder
    return start


def _read_pyproject(root: Path) -> tuple[Mapping[str, Any], str]:
    """Give our table and the name of the Python project; both empty without the file."""
    path = root / "pyproject.toml"
    try:
        document = tomllib.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        return {}, ""
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise MetaPrefectError(
            "MP1002",
            "pyproject.toml cannot be read",
            where=str(path),
            why=str(error),
            exit_code=ExitCode.USAGE,
        ) from error
    table = document.get("tool", {}).get("meta_prefect", {})
    return table, document.get("project", {}).get("name", "")


def _resolve(
    known: _Known,
    flags: Mapping[str, str | None],
    environment: Mapping[str, str],
    table: Mapping[str, Any],
    default: str,
) -> Setting:
    if flag := flags.get(known.key):
        return Setting(flag, f"--{known.key}")
    for variable in known.variables:
        if value := environment.get(variable):
            return Setting(value, variable)
    if known.key in table:
        return Setting(str(table[known.key]), "pyproject.toml")
    return Setting(default, "default")


def _make_name(name: str) -> str:
    """Make a name for a project or a stack of any text."""
    return re.sub(r"[^A-Za-z0-9_.-]+", "-", name).strip("-.") or "flows"


def _check(values: Mapping[str, Setting]) -> None:
    engine = values["engine"]
    if engine.value not in _ENGINES:
        raise MetaPrefectError(
            "MP1003",
            f"there is no engine {engine.value!r}",
            where=engine.source,
            why=f"known: {', '.join(_ENGINES)}",
            fixes=("meta-prefect up --engine auto ...",),
            exit_code=ExitCode.USAGE,
        )
    backend = values["backend"]
    if not backend.value.startswith(_BACKENDS):
        raise MetaPrefectError(
            "MP1007",
            f"{backend.value!r} is no address of a place for state",
            where=backend.source,
            why=f"one begins with {', '.join(_BACKENDS)}",
            fixes=("PULUMI_BACKEND_URL=file:///FOLDER ...",),
            exit_code=ExitCode.USAGE,
        )
    for key in ("stack", "project"):
        if not _STACK_NAME.fullmatch(values[key].value):
            raise MetaPrefectError(
                "MP1004",
                f"{values[key].value!r} is no name for a {key}",
                where=values[key].source,
                why="letters, digits, `-`, `_` and `.`, 100 at most",
                fixes=(f"META_PREFECT__{key.upper()}={_make_name(values[key].value)} ...",),
                exit_code=ExitCode.USAGE,
            )


def _unknown_keys(table: Mapping[str, Any]) -> tuple[str, ...]:
    known = {item.key for item in _KNOWN} | {"exclude"}
    return tuple(
        f"[tool.meta_prefect] has an unknown key {key!r}" for key in sorted(table.keys() - known)
    )
