"""
Pulumi's project and stack files: configuration, and the salt of a stack's secrets.

Reads `Pulumi.yaml` and `Pulumi.STACK.yaml`; of the latter it writes the salt, and nothing else is
touched there. Not to be confused with `project.settings`, which are our own.

Source: `sdk/go/common/workspace/project.go` and `sdk/go/common/resource/config` of Pulumi 3.260.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import yaml

from meta_prefect.engine.state.disk import Disk
from meta_prefect.engine.state.json_text import render
from meta_prefect.interfaces.diagnostics import ExitCode, MetaPrefectError
from meta_prefect.interfaces.engine import ConfigValue

Decrypt = Callable[[str], str]
_SECURE: Final = "secure"
_LEGACY_SEPARATOR: Final = ":config:"
_SUFFIXES: Final = (".yaml", ".yml")
_SALT_LINE: Final = re.compile(r"^encryptionsalt:[^\r\n]*", re.MULTILINE)
_START_LINE: Final = re.compile(r"^---[ \t]*\r?\n", re.MULTILINE)


class _Loader(yaml.SafeLoader):
    """YAML without dates: they are text in a configuration."""

    yaml_implicit_resolvers = {  # noqa: RUF012 - the base class declares it
        first: [(tag, pattern) for tag, pattern in found if not tag.endswith(":timestamp")]
        for first, found in yaml.SafeLoader.yaml_implicit_resolvers.items()
    }


@dataclass(frozen=True, slots=True)
class ProjectFile:
    """
    What `Pulumi.yaml` says.

    runtime: the program's language.
    main: folder of the program, relative to the file; backend: a URL; both may be empty.
    config: values for stacks that do not set them, by `namespace:key`.
    """

    name: str
    runtime: str = ""
    main: str = ""
    backend: str = ""
    config: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class StackFile:
    """
    What `Pulumi.STACK.yaml` says.

    config: as in the file, `{secure: CIPHERTEXT}` at any depth, by `namespace:key`.
    salt: of its secrets; empty when there is none.
    """

    config: Mapping[str, Any] = field(default_factory=dict)
    salt: str = ""


def read_project(folder: Path) -> ProjectFile | None:
    """
    Read a folder's project file; None when there is none.

    Raises:
        MetaPrefectError: MP1401, it is not YAML or has no name.
    """
    path = _find(folder, "Pulumi")
    if path is None:
        return None
    document = _read(path)
    name = document.get("name")
    if not isinstance(name, str):
        raise _broken(path, "it has no name")
    runtime = document.get("runtime") or ""
    return ProjectFile(
        name=name,
        runtime=str(runtime.get("name", "") if isinstance(runtime, Mapping) else runtime),
        main=document.get("main") or "",
        backend=(document.get("backend") or {}).get("url") or "",
        config=dict(_iterate_defaults(document.get("config") or {}, name)),
    )


def _iterate_defaults(config: Mapping[str, Any], project: str) -> Iterator[tuple[str, Any]]:
    for key, declared in config.items():
        if not isinstance(declared, Mapping):
            yield qualify(key, project), declared
        for name in ("value", "default"):
            if isinstance(declared, Mapping) and name in declared:
                yield qualify(key, project), declared[name]
                break


def read_stack_file(folder: Path, project: str, stack: str) -> StackFile:
    """
    Read a stack's file; an empty one when there is none.

    Raises:
        MetaPrefectError: MP1401, it is not YAML.
    """
    path = _find(folder, f"Pulumi.{stack}")
    if path is None:
        return StackFile()
    document = _read(path)
    config = {qualify(key, project): value for key, value in (document.get("config") or {}).items()}
    return StackFile(config, document.get("encryptionsalt") or "")


def qualify(key: str, project: str) -> str:
    """Give a key its namespace: the project, where it has none."""
    key = key.replace(_LEGACY_SEPARATOR, ":", 1)
    return key if ":" in key else f"{project}:{key}"


def open_config(config: Mapping[str, Any], decrypt: Decrypt) -> dict[str, ConfigValue]:
    """Give a program its configuration, in clear; what holds a secret anywhere is secret."""
    return {
        key: ConfigValue(_to_text(_reveal(value, decrypt)), secret=_holds_secure(value))
        for key, value in config.items()
    }


def _is_secure(value: Any) -> bool:
    return isinstance(value, Mapping) and set(value) == {_SECURE}


def _holds_secure(value: Any) -> bool:
    if isinstance(value, Mapping):
        return _is_secure(value) or any(_holds_secure(item) for item in value.values())
    return isinstance(value, list) and any(_holds_secure(item) for item in value)


def _reveal(value: Any, decrypt: Decrypt) -> Any:
    if _is_secure(value):
        return decrypt(value[_SECURE])
    if isinstance(value, Mapping):
        return {key: _reveal(item, decrypt) for key, item in value.items()}
    return [_reveal(item, decrypt) for item in value] if isinstance(value, list) else value


def _to_text(value: Any) -> str:
    return value if isinstance(value, str) else render(value)


def write_salt(folder: Path, stack: str, salt: str, disk: Disk) -> None:
    """Put the salt of a stack's secrets into its file; every other line stays as it is."""
    path = _find(folder, f"Pulumi.{stack}") or folder / f"Pulumi.{stack}.yaml"
    text = (disk.read(path) or b"").decode()
    line = f"encryptionsalt: {salt}"
    if _SALT_LINE.search(text):
        text = _SALT_LINE.sub(lambda _: line, text, count=1)
    else:
        start = _find_start(text)
        text = f"{text[:start]}{line}{_find_line_end(text)}{text[start:]}"
    disk.write(path, text.encode())


def _find_start(text: str) -> int:
    """Find where settings may begin: behind the mark of the document's start, if there is one."""
    mark = _START_LINE.search(text)
    return mark.end() if mark else len(text) - len(text.removeprefix("\ufeff"))


def _find_line_end(text: str) -> str:
    return "\r\n" if "\r\n" in text else "\n"


def _find(folder: Path, stem: str) -> Path | None:
    candidates = (folder / f"{stem}{suffix}" for suffix in _SUFFIXES)
    return next((path for path in candidates if path.is_file()), None)


def _read(path: Path) -> dict[str, Any]:
    try:
        document = yaml.load(path.read_text("utf-8"), _Loader)  # noqa: S506 - it is a safe one
    except (yaml.YAMLError, ValueError) as error:
        raise _broken(path, str(error)) from error
    if not isinstance(document, dict | None):
        raise _broken(path, "it is not a map of settings")
    return document or {}


def _broken(path: Path, why: str) -> MetaPrefectError:
    return MetaPrefectError(
        "MP1401", f"{path.name} cannot be read", where=str(path), why=why, exit_code=ExitCode.USAGE
    )
