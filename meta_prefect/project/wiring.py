"""
Wiring: the only module that chooses concrete classes.

Introduces engine, backend, provider and project to each other. Everything else gets its
collaborators as arguments. Heavy imports stand inside the functions that need them, so that looking
at a project stays quick.
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Final

from meta_prefect.interfaces.diagnostics import ExitCode, MetaPrefectError
from meta_prefect.project.place import PrefectPlace, find_place, greet_prefect
from meta_prefect.project.project import OwnProgram, Parts, Project

if TYPE_CHECKING:
    from meta_prefect.engine.state.backend import FileBackend
    from meta_prefect.interfaces.engine import Engine
    from meta_prefect.project.checks import CheckResult
    from meta_prefect.project.settings import ProjectSettings

_PASSPHRASE_VARIABLES: Final = ("PULUMI_CONFIG_PASSPHRASE", "PULUMI_CONFIG_PASSPHRASE_FILE")
_PASSPHRASE_BYTES: Final = 32


def build_project(settings: ProjectSettings, environment: Mapping[str, str]) -> Project:
    """
    Put a project together.

    Raises:
        MetaPrefectError: the backend is one that only the Pulumi engine can use.
    """
    from meta_prefect.engine.state.backend import FileBackend
    from meta_prefect.project.state_edits import StateEdits

    passphrase = PassphraseFile(settings.folder, environment)
    backend = FileBackend(settings.backend_url, settings.project, passphrase.read)

    def find() -> PrefectPlace:
        return find_place(settings.profile, environment)

    def greet() -> str:
        return greet_prefect(settings.profile, environment)

    build_engine = _engine_builder(settings, backend)
    return Project(
        settings,
        Parts(
            reader=backend,
            state=StateEdits(backend, settings.project, settings.stack),
            build_engine=build_engine,
            prepare_folder=lambda: prepare_folder(settings.folder),
            build_checks=_checks_builder(settings, backend, build_engine, find, greet),
            find_place=find,
            greet_prefect=greet,
            own_program=_find_own_program(settings, passphrase) if settings.is_program else None,
        ),
    )


def _find_own_program(settings: ProjectSettings, passphrase: PassphraseFile) -> OwnProgram:
    from meta_prefect.project.pulumi_folder import open_pulumi_folder

    found = open_pulumi_folder(settings.root)
    return OwnProgram(
        found.build_program(), lambda: found.read_config(settings.stack, passphrase.read)
    )


def prepare_folder(folder: Path) -> None:
    """
    Make the project's own folder, ignored by git.

    Raises:
        MetaPrefectError: it cannot be written.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        ignore = folder / ".gitignore"
        if not ignore.exists():
            ignore.write_text("*\n", "utf-8")
    except OSError as error:
        raise MetaPrefectError(
            "MP4001",
            f"the folder {folder} cannot be written",
            why=error.strerror or str(error),
            fixes=(f"chmod -R u+w {folder}",),
        ) from error


class PassphraseFile:
    """The passphrase of the project's secrets: from the environment, else made once into a file."""

    def __init__(self, folder: Path, environment: Mapping[str, str]) -> None:
        """Look at nothing yet: most operations need no secret."""
        self._folder = folder
        self._environment = environment

    def read(self) -> str:
        """
        Give the passphrase; makes one, readable by its owner only, when there is none yet.

        Raises:
            MetaPrefectError: a file that should hold it cannot be read or written.
        """
        text, path = (self._environment.get(variable) for variable in _PASSPHRASE_VARIABLES)
        if text is not None:
            return text
        try:
            return self._read_file(Path(path)) if path else self._read_own()
        except OSError as error:
            raise MetaPrefectError(
                "MP4002",
                "the passphrase of the project's secrets cannot be read",
                where=str(error.filename or self._folder),
                why=error.strerror or str(error),
                fixes=(f"export {_PASSPHRASE_VARIABLES[0]}=...",),
                exit_code=ExitCode.USAGE,
            ) from error

    def _read_own(self) -> str:
        path = self._folder / "passphrase"
        if not path.exists():
            prepare_folder(self._folder)
            _write_private(path, secrets.token_urlsafe(_PASSPHRASE_BYTES))
        return self._read_file(path)

    def _read_file(self, path: Path) -> str:
        return path.read_text("utf-8").strip()


def _write_private(path: Path, text: str) -> None:
    """Write a file that appears whole or not at all; another process may be first."""
    draft = path.with_name(f"{path.name}.{os.getpid()}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    try:
        os.link(draft, path)
    except FileExistsError:
        pass
    finally:
        draft.unlink()


def _engine_builder(settings: ProjectSettings, backend: FileBackend) -> Callable[[], Engine]:
    def build() -> Engine:
        if settings.engine == "pulumi":
            raise MetaPrefectError(
                "MP5203",
                "this version of meta-prefect runs the embedded engine only",
                where=settings.values["engine"].source,
                fixes=("meta-prefect up --engine embedded ...",),
                exit_code=ExitCode.USAGE,
            )
        from meta_prefect.engine.embedded.engine import EmbeddedEngine
        from meta_prefect.provider.provider import build_provider

        return EmbeddedEngine(backend, {"prefect": build_provider})

    return build


def _checks_builder(
    settings: ProjectSettings,
    backend: FileBackend,
    build_engine: Callable[[], Engine],
    find: Callable[[], PrefectPlace],
    greet: Callable[[], str],
) -> Callable[[bool], Iterator[CheckResult]]:
    def build(offline: bool) -> Iterator[CheckResult]:
        from meta_prefect.project import checks
        from meta_prefect.provider.compatibility import check_server_libraries

        return checks.run_checks(
            [
                ("Python", checks.check_python),
                ("prefect", lambda: checks.check_package("prefect")),
                ("pulumi", lambda: checks.check_package("pulumi")),
                (
                    "Prefect's server libraries",
                    lambda: checks.check_libraries(check_server_libraries()),
                ),
                ("engine", lambda: checks.check_engine(build_engine().description)),
                ("Prefect API", lambda: checks.check_place(find(), None if offline else greet)),
                ("state", lambda: checks.check_state(settings, backend)),
                ("flows", lambda: checks.check_flows(settings)),
            ]
        )

    return build
