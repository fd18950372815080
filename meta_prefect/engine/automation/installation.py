"""
Installation: gets the `pulumi` executable for those who ask for it, by Pulumi's own installer.

Runs only when somebody says so; an operation never does. What is there already is looked at by
`executable`; provider plugins are the business of whoever runs them.
"""

from __future__ import annotations

import socket
import subprocess
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Final, TypeAlias

from meta_prefect.engine.automation.executable import INSTALL_PULUMI, Executable, read_executable
from meta_prefect.interfaces.diagnostics import MetaPrefectError

Install: TypeAlias = Callable[[str], object]
"""Installs below a folder, and leaves alone what is there and good enough."""

_CONNECT_SECONDS: Final = 30.0
_TAIL_LINES: Final = 5


def find_home(environment: Mapping[str, str]) -> Path:
    """Give the folder where Pulumi's own installer puts it: `bin` is below."""
    home = environment.get("PULUMI_HOME")
    return Path(home).expanduser() if home else Path.home() / ".pulumi"


def install_executable(home: Path, install: Install | None = None) -> Executable:
    """
    Install the version that goes with the installed SDK, unless it is there; gives it.

    Raises:
        MetaPrefectError: MP5208, it cannot be fetched or does not run afterwards.
    """
    with _explained(home), _impatient():
        (install or _install_with_sdk)(str(home))
    return read_executable(str(home / "bin" / "pulumi"))


def _install_with_sdk(home: str) -> None:
    from pulumi.automation import PulumiCommand

    PulumiCommand.install(root=home)


@contextmanager
def _impatient() -> Iterator[None]:
    """Wait for no connection that does not come; the installer itself has no limit."""
    usual = socket.getdefaulttimeout()
    socket.setdefaulttimeout(_CONNECT_SECONDS)
    try:
        yield
    finally:
        socket.setdefaulttimeout(usual)


@contextmanager
def _explained(home: Path) -> Iterator[None]:
    try:
        yield
    except subprocess.CalledProcessError as error:
        said = (error.output or b"").decode("utf-8", "replace").strip().splitlines()
        raise _failed(home, "\n".join(said[-_TAIL_LINES:]) or str(error)) from error
    except OSError as error:
        raise _failed(home, str(getattr(error, "reason", error))) from error


def _failed(home: Path, why: str) -> MetaPrefectError:
    return MetaPrefectError(
        "MP5208",
        "pulumi cannot be installed",
        where=str(home),
        why=why,
        fixes=(INSTALL_PULUMI, "meta-prefect up my_flow --engine embedded"),
    )
