"""
A PostgreSQL of its own on loopback, from Debian's package.

It refuses to run as root, so root lends it the package's user.
"""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
from contextlib import contextmanager
from pathlib import Path

from tests.support.prefect_server import find_free_port

_PACKAGE = Path("/usr/lib/postgresql")
_USER = "postgres"


def find_postgres():
    """Find the folder of the newest PostgreSQL's executables; None where there is none."""
    folders = sorted(_PACKAGE.glob("*/bin"), key=lambda folder: int(folder.parent.name))
    return folders[-1] if folders and _can_run() else None


def why_no_postgres():
    """Say why there is none; empty where there is one."""
    return "" if find_postgres() else f"no PostgreSQL in {_PACKAGE}, or no user {_USER} for it"


@contextmanager
def run_postgres(folder):
    """Run a PostgreSQL with its data in a folder until the context ends; gives Prefect's URL."""
    executables, data, port = find_postgres(), folder / "data", find_free_port()
    folder.mkdir(parents=True, exist_ok=True)
    if _is_root():
        shutil.chown(folder, _USER)
    _run(executables / "initdb", "-D", data, "-U", _USER, "--auth=trust", "-E", "UTF8")
    options = f"-p {port} -c listen_addresses=127.0.0.1 -k {folder}"
    control = [executables / "pg_ctl", "-D", data, "-w", "-l", folder / "log"]
    _run(*control, "-o", options, "start")
    try:
        yield f"postgresql+asyncpg://{_USER}@127.0.0.1:{port}/postgres"
    finally:
        _run(*control, "-m", "immediate", "stop")


def _is_root():
    return os.getuid() == 0


def _can_run():
    try:
        pwd.getpwnam(_USER)
    except KeyError:
        return not _is_root()
    return True


def _run(*command):
    user = {"user": _USER, "group": _USER, "extra_groups": []} if _is_root() else {}
    subprocess.run(
        [str(word) for word in command],
        check=True,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.STDOUT,
        cwd="/",
        **user,
    )
