"""
Wiring: the only module that chooses concrete classes.

Introduces engine, backend, provider and project to each other. Everything else gets its
collaborators as arguments. Heavy imports stand inside the functions that need them, so that looking
at a project stays quick.
"""

from __future__ import annotations

import os
import secrets
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Final

from meta_prefect.interfaces.diagnostics import ExitCode, MetaPrefectError
from meta_prefect.project.place import PrefectPlace, find_place, greet_prefect
from meta_prefect.project.project import OwnProgram, Parts, Project

if TYPE_CHECKING:
    from meta_prefect.engine.automation.executable import Executable
    from meta_prefect.engine.automation.workspace import Place
    from meta_prefect.engine.state.backend import FileBackend
    from meta_prefect.interfaces.engine import Engine, StackReader
    from meta_prefect.project.checks import CheckResult
    from meta_prefect.project.migration.deployed import Snapshot
    from meta_prefect.project.settings import ProjectSettings

_PASSPHRASE_VARIABLES: Final = ("PULUMI_CONFIG_PASSPHRASE", "PULUMI_CONFIG_PASSPHRASE_FILE")
_PASSPHRASE_BYTES: Final = 32
_FOLDER_SCHEME: Final = "file://"
_INSTALL_PULUMI: Final = "curl -fsSL https://get.pulumi.com | sh"


def build_project(settings: ProjectSettings, environment: Mapping[str, str]) -> Project:
    """Put a project together; a missing engine is said when somebody needs it."""
    from meta_prefect.project.state_edits import StateEdits

    passphrase = PassphraseFile(settings.folder, environment)
    stacks = Stacks(settings, environment, passphrase)
    backend = stacks.open_folder() if stacks.are_in_a_folder else None
    reader = backend or stacks.open_reader()

    def find() -> PrefectPlace:
        return find_place(settings.profile, environment)

    def greet() -> str:
        return greet_prefect(settings.profile, environment)

    def look(names: Sequence[str]) -> Snapshot:
        from meta_prefect.project.migration.deployed import look_into_prefect

        return look_into_prefect(settings.profile, environment, names)

    return Project(
        settings,
        Parts(
            reader=reader,
            state=StateEdits(backend, settings.project, settings.stack)
            if backend is not None
            else None,
            build_engine=stacks.build_engine,
            prepare_folder=lambda: prepare_folder(settings.folder),
            build_checks=_checks_builder(settings, stacks, reader, find, greet),
            find_place=find,
            greet_prefect=greet,
            look_into_prefect=look,
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
        self._own = folder / "passphrase"
        self._environment = environment

    def read(self) -> str:
        """
        Give the passphrase; makes one, readable by its owner only, when there is none yet.

        Raises:
            MetaPrefectError: a file that should hold it cannot be read or written.
        """
        return self._read(self._read_or_make_own)

    def read_known(self) -> str:
        """
        Give the passphrase for a look at the project; empty when there is none yet.

        Raises:
            MetaPrefectError: a file that should hold it cannot be read.
        """
        return self._read(self._read_own)

    def _read(self, read_own: Callable[[], str]) -> str:
        text, path = (self._environment.get(variable) for variable in _PASSPHRASE_VARIABLES)
        if text is not None:
            return text
        try:
            return self._read_file(Path(path)) if path else read_own()
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
        return self._read_file(self._own) if self._own.exists() else ""

    def _read_or_make_own(self) -> str:
        if not self._own.exists():
            prepare_folder(self._folder)
            _write_private(self._own, secrets.token_urlsafe(_PASSPHRASE_BYTES))
        return self._read_file(self._own)

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


class Stacks:
    """The project's stacks: where they are kept, and which engine works on them."""

    def __init__(
        self,
        settings: ProjectSettings,
        environment: Mapping[str, str],
        passphrase: PassphraseFile,
    ) -> None:
        """Look at nothing yet."""
        self._settings = settings
        self._environment = environment
        self._passphrase = passphrase
        self.find_pulumi: Callable[[], Executable | None] = cache(self._look_for_pulumi)

    @property
    def are_in_a_folder(self) -> bool:
        """Whether their state needs no executable to be read."""
        return self._settings.backend_url.startswith(_FOLDER_SCHEME)

    @property
    def _is_out_of_reach(self) -> bool:
        """Whether somebody asked for the embedded engine, and for stacks that it cannot keep."""
        return self._settings.engine == "embedded" and not self.are_in_a_folder

    def open_folder(self) -> FileBackend:
        """
        Open the folder that they are in.

        Raises:
            MetaPrefectError: MP5201, they are not in a folder.
        """
        from meta_prefect.engine.state.backend import FileBackend

        settings = self._settings
        return FileBackend(settings.backend_url, settings.project, self._passphrase.read)

    def open_reader(self) -> StackReader:
        """Look at stacks that are not in a folder; without an executable, every look fails."""
        from meta_prefect.engine.automation.reader import ExecutableReader

        return ExecutableReader(self._find_place, self._settings.project, str(self._settings.root))

    def build_engine(self) -> Engine:
        """
        Make the engine that settings and machine ask for.

        Raises:
            MetaPrefectError: it is not there, or cannot work on these stacks.
        """
        if self._wants_pulumi():
            return self._build_pulumi()
        if self._is_out_of_reach:
            raise self._beyond_the_embedded()
        from meta_prefect.engine.embedded.engine import EmbeddedEngine
        from meta_prefect.provider.provider import build_provider

        return EmbeddedEngine(self.open_folder(), {"prefect": build_provider})

    def describe_pulumi(self) -> str:
        """Say which executable is there, for `doctor`; empty when there is none."""
        try:
            found = self.find_pulumi()
        except MetaPrefectError as error:
            return error.diagnostic.summary
        return f"pulumi {found.version_text} at {found.path}" if found is not None else ""

    def _wants_pulumi(self) -> bool:
        """Say whether the executable is to do it; one that will not do is as good as none."""
        engine = self._settings.engine
        if engine != "auto" or not self.are_in_a_folder:
            return engine != "embedded"
        return self.can_use_pulumi() and self.find_pulumi() is not None

    def can_use_pulumi(self) -> bool:
        """Say whether the executable that is there will do; none will do, too."""
        try:
            self.find_pulumi()
        except MetaPrefectError:
            return False
        return True

    def _build_pulumi(self) -> Engine:
        place = self._find_place()
        from meta_prefect.engine.automation.engine import PulumiEngine
        from meta_prefect.provider.hosting import host_in_thread, render_own_schema
        from meta_prefect.provider.provider import build_provider

        schema = render_own_schema()
        return PulumiEngine(place, {"prefect": lambda: host_in_thread(build_provider, schema)})

    def _find_place(self) -> Place:
        executable = None if self._is_out_of_reach else self.find_pulumi()
        if executable is None:
            raise self._no_pulumi()
        from meta_prefect.engine.automation.workspace import Place

        settings = self._settings
        return Place(
            executable,
            settings.backend_url,
            self._passphrase.read,
            self._environment,
            settings.root if settings.is_program else None,
            self._passphrase.read_known,
        )

    def _look_for_pulumi(self) -> Executable | None:
        path = shutil.which("pulumi", path=self._environment.get("PATH", ""))
        if path is None:
            return None
        from meta_prefect.engine.automation.executable import read_executable

        return read_executable(path)

    def _beyond_the_embedded(self) -> MetaPrefectError:
        from meta_prefect.engine.state.location import hide_password

        engine, backend = self._settings.values["engine"], self._settings.values["backend"]
        return MetaPrefectError(
            "MP5201",
            f"the embedded engine cannot work on state at {hide_password(backend.value)}",
            where=f"{engine.source}, {backend.source}",
            why="it keeps state in folders only (file://...)",
            fixes=("meta-prefect up --engine pulumi ...", "PULUMI_BACKEND_URL=file:///FOLDER ..."),
            exit_code=ExitCode.USAGE,
        )

    def _no_pulumi(self) -> MetaPrefectError:
        if self._is_out_of_reach:
            return self._beyond_the_embedded()
        if not self.are_in_a_folder:
            from meta_prefect.engine.state.location import needs_pulumi

            return needs_pulumi(self._settings.backend_url)
        return MetaPrefectError(
            "MP5203",
            "there is no pulumi executable on PATH",
            where=self._settings.values["engine"].source,
            fixes=(_INSTALL_PULUMI, "meta-prefect up --engine embedded ..."),
            exit_code=ExitCode.USAGE,
        )


def _checks_builder(
    settings: ProjectSettings,
    stacks: Stacks,
    reader: StackReader,
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
                (
                    "engine",
                    lambda: checks.check_engine(
                        stacks.build_engine().description,
                        stacks.describe_pulumi(),
                        will_do=stacks.can_use_pulumi(),
                    ),
                ),
                ("Prefect API", lambda: checks.check_place(find(), None if offline else greet)),
                ("state", lambda: checks.check_state(settings, reader)),
                ("bridged Prefect provider", lambda: checks.check_bridged(settings, reader)),
                ("flows", lambda: checks.check_flows(settings)),
            ]
        )

    return build
