"""
A folder with a Pulumi program of a team's own: `Pulumi.yaml`, its stack's file, `__main__.py`.

Runs on either engine as `pulumi up` would run it, so that a stack a team has already works here as
well. Not to be confused with `program`, which is made from flows.
"""

from __future__ import annotations

import os
import runpy
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from meta_prefect.engine.state.config import (
    ProjectFile,
    open_config,
    read_project,
    read_stack_file,
)
from meta_prefect.engine.state.secrets import PassphraseSecrets
from meta_prefect.interfaces.diagnostics import ExitCode, MetaPrefectError
from meta_prefect.interfaces.engine import ConfigValue, Program
from meta_prefect.project.settings import ProjectSettings, read_program_settings

_MAIN: Final = "__main__.py"
_RUNTIME: Final = "python"


@dataclass(frozen=True, slots=True)
class PulumiFolder:
    """
    A program with its settings.

    folder: absolute, with `Pulumi.yaml` in it.
    main: the file to run.
    """

    folder: Path
    main: Path
    file: ProjectFile

    def read_config(self, stack: str, passphrase: Callable[[], str]) -> Mapping[str, ConfigValue]:
        """
        Read a stack's configuration, in clear, with the project's defaults below it.

        Raises:
            MetaPrefectError: the file is broken, or the passphrase does not fit.
        """
        found = read_stack_file(self.folder, self.file.name, stack)
        secrets = PassphraseSecrets.from_state(found.salt, passphrase)
        return open_config({**self.file.config, **found.config}, secrets.decrypt)

    def build_program(self) -> Program:
        """Make a callable that runs the folder's program, anew each time."""

        def program() -> None:
            with _in_folder(self.main.parent):
                runpy.run_path(str(self.main), run_name="__main__")

        return program


def open_pulumi_folder(folder: Path) -> PulumiFolder:
    """
    Look at a folder that should hold a program.

    Raises:
        MetaPrefectError: there is no `Pulumi.yaml` or no `__main__.py`, or the program is not in
            Python.
    """
    file = read_project(folder)
    if file is None:
        raise _unfit(folder, "there is no Pulumi.yaml in it")
    if file.runtime != _RUNTIME:
        raise _unfit(folder, f"its programs are in {file.runtime}; only {_RUNTIME} runs here")
    main = (folder / file.main).resolve()
    main = main / _MAIN if main.is_dir() else main
    if not main.is_file():
        raise _unfit(folder, f"there is no {main.relative_to(folder) if file.main else _MAIN}")
    return PulumiFolder(folder, main, file)


def read_folder_settings(
    folder: Path, flags: Mapping[str, str | None], environment: Mapping[str, str]
) -> ProjectSettings:
    """
    Resolve the settings of a folder with a program: those of a project without flows.

    Raises:
        MetaPrefectError: the folder holds no program, or a value is not allowed.
    """
    found = open_pulumi_folder(folder.expanduser().resolve())
    file = found.file
    return read_program_settings(found.folder, file.name, file.backend, flags, environment)


def _unfit(folder: Path, why: str) -> MetaPrefectError:
    return MetaPrefectError(
        "MP1009",
        f"{folder} holds no program that can be run",
        why=why,
        fixes=("name the folder that holds Pulumi.yaml:  --program DIR",),
        exit_code=ExitCode.USAGE,
    )


@contextmanager
def _in_folder(folder: Path) -> Iterator[None]:
    """Work in the program's folder; its own modules are forgotten afterwards, to be run again."""
    before, modules = Path.cwd(), set(sys.modules)
    os.chdir(folder)
    sys.path.insert(0, str(folder))
    try:
        yield
    finally:
        sys.path.remove(str(folder))
        os.chdir(before)
        for name in set(sys.modules) - modules:
            origin = getattr(sys.modules[name], "__file__", None)
            if origin and Path(origin).is_relative_to(folder) and "site-packages" not in origin:
                del sys.modules[name]
