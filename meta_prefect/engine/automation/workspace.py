"""
The workspace: the folder that a `pulumi` command runs in, and what its environment says.

A project without a Pulumi folder of its own gets a temporary one for each operation, made from the
request; a team's own folder is used as it is. Not to be confused with the program's folder, which
is where the flows are.

Source: `sdk/python/lib/pulumi/automation/_local_workspace.py` 3.272.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from meta_prefect.engine.automation.command import Command
from meta_prefect.engine.automation.executable import Executable
from meta_prefect.engine.state.disk import explain_errors
from meta_prefect.engine.state.location import check_layout, find_root, list_stack_names
from meta_prefect.interfaces.engine import OperationRequest

_FOLDER_SCHEME: Final = "file://"
_DIY_SCHEMES: Final = (_FOLDER_SCHEME, "s3://", "gs://", "azblob://", "postgres://")
_PASSPHRASE: Final = ("PULUMI_CONFIG_PASSPHRASE", "PULUMI_CONFIG_PASSPHRASE_FILE")
_DEBUG_PROVIDERS: Final = "PULUMI_DEBUG_PROVIDERS"
_ALWAYS: Final = {
    "PULUMI_AUTOMATION_API": "true",
    "PULUMI_SKIP_UPDATE_CHECK": "true",
    # It hides `--event-log` otherwise.
    "PULUMI_DEBUG_COMMANDS": "true",
    # A stack's secrets stay encrypted as they are, though no file here says how that was.
    "PULUMI_FALLBACK_TO_STATE_SECRETS_MANAGER": "true",
}


@dataclass(frozen=True, slots=True)
class Place:
    """
    Where stacks are kept, and what it takes to work on them.

    passphrase: called for a backend that leaves encryption to us.
    known_passphrase: the same for those who only look: makes none, empty while there is none.
    environment: of this process.
    folder: with `Pulumi.yaml` and the stacks' files, of a team's own; None: there is none.
    """

    executable: Executable
    backend_url: str
    passphrase: Callable[[], str]
    environment: Mapping[str, str]
    folder: Path | None = None
    known_passphrase: Callable[[], str] = str

    @property
    def is_a_folder(self) -> bool:
        """Whether what is kept there can be looked at without the executable."""
        return self.backend_url.startswith(_FOLDER_SCHEME)

    def has_stack(self, project: str, stack: str) -> bool | None:
        """
        Say whether there is a stack; None: only the executable can tell.

        Raises:
            MetaPrefectError: the folder for state cannot be read, or its layout is an old one.
        """
        if not self.is_a_folder:
            return None
        root = find_root(self.backend_url)
        check_layout(root)
        return stack in list_stack_names(root, project)

    def for_looking(self) -> Place:
        """Give the same place for a command that stores no secret."""
        return replace(self, passphrase=self.known_passphrase)

    def build_environment(self, ports: Mapping[str, int]) -> dict[str, str]:
        """
        Give the environment of a command.

        ports: where the providers of this process listen, by package.
        """
        environment = {**self.environment, **_ALWAYS, "PULUMI_BACKEND_URL": self.backend_url}
        if self.backend_url.startswith(_DIY_SCHEMES) and not environment.keys() & set(_PASSPHRASE):
            environment[_PASSPHRASE[0]] = self.passphrase()
        known = [environment[_DEBUG_PROVIDERS]] if environment.get(_DEBUG_PROVIDERS) else []
        attached = [f"{name}:{port}" for name, port in ports.items()]
        if known or attached:
            environment[_DEBUG_PROVIDERS] = ",".join([*attached, *known])
        return environment


@dataclass(frozen=True, slots=True)
class Workspace:
    """
    The workspace of one operation.

    scratch: a folder for files that nobody needs afterwards.
    has_config: the stack's file says already what is configured.
    installs_lately: see `Executable`.
    """

    command: Command
    scratch: Path
    has_config: bool
    installs_lately: bool

    def set_secrets(self, request: OperationRequest) -> None:
        """
        Have the configuration's secrets encrypted into the stack's file, a command for each.

        They travel by stdin: arguments are for everybody on the machine to see.

        Raises:
            MetaPrefectError: they cannot be.
        """
        secrets = {key: item.value for key, item in request.config.items() if item.secret}
        for key, value in {} if self.has_config else secrets.items():
            self.command.run(
                ["config", "set", "--secret", key, "--stack", request.stack],
                request.stack,
                stdin=f"{value}\n",  # one line end is taken away
            )


@contextmanager
def open_project(place: Place, project: str, root: str) -> Iterator[Path]:
    """Give a folder where commands know the project; `root` is the program's, absolute."""
    if place.folder is not None:
        yield place.folder
        return
    with tempfile.TemporaryDirectory(prefix="meta-prefect-") as name:
        content = {"name": project, "runtime": "python", "main": root}
        # JSON is YAML, too.
        (Path(name) / "Pulumi.yaml").write_text(json.dumps(content), "utf-8")
        yield Path(name)


@contextmanager
def open_workspace(
    place: Place, request: OperationRequest, root: str, ports: Mapping[str, int]
) -> Iterator[Workspace]:
    """
    Make the folder of an operation ready.

    root: the program's folder, absolute; ports: where the providers of this process listen.

    Raises:
        MetaPrefectError: the folder for state cannot be made.
    """
    _prepare_state(place)
    environment = place.build_environment(ports)
    with (
        tempfile.TemporaryDirectory(prefix="meta-prefect-") as scratch,
        open_project(place, request.project, root) as folder,
    ):
        command = Command(place.executable.path, folder, environment)
        has_config = place.folder is not None
        if not has_config:
            _write_config(folder, request)
        installs_lately = place.executable.installs_lately
        yield Workspace(command, Path(scratch), has_config, installs_lately)


def _prepare_state(place: Place) -> None:
    """Make the folder for state: the executable wants one, even to look at nothing."""
    if place.is_a_folder:
        folder = find_root(place.backend_url).parent
        with explain_errors(folder, "written"):
            folder.mkdir(parents=True, exist_ok=True)


def _write_config(folder: Path, request: OperationRequest) -> None:
    """Write what is configured and no secret into the stack's file."""
    config = {key: item.value for key, item in request.config.items() if not item.secret}
    (folder / f"Pulumi.{request.stack}.yaml").write_text(json.dumps({"config": config}), "utf-8")
