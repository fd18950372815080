"""
How a local Prefect server is started: command, environment and files, from a resource's inputs.

Pure. Not to be confused with `server`, which puts the provider behind gRPC.

Source of options and variables: `prefect server start --help` and `prefect/settings`, 3.8.8.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from meta_prefect.provider.child_environment import build_fingerprint
from meta_prefect.provider.ports import build_url
from meta_prefect.provider.processes import Launch

_DATABASE_NAME: Final = "prefect.db"
RESERVED_SETTINGS: Final = {
    "PREFECT_HOME": "home",
    "PREFECT_PROFILES_PATH": "home",
    "PREFECT_API_DATABASE_CONNECTION_URL": "databaseUrl",
    "PREFECT_SERVER_DATABASE_CONNECTION_URL": "databaseUrl",
    "PREFECT_SERVER_API_AUTH_STRING": "authString",
    "PREFECT_SERVER_API_HOST": "host",
    "PREFECT_SERVER_API_PORT": "port",
    "PREFECT_SERVER_UI_ENABLED": "ui",
}
"""Settings that have an input of their own, which is the value."""

_RUN_PREFECT: Final = (
    "import gc, runpy; gc.set_threshold(100_000, 50, 100); "
    "runpy.run_module('prefect', run_name='__main__', alter_sys=True)"
)
"""
Runs Prefect with a rarer garbage collection.

A collection in the server's main thread may free a statement of a database connection that waits,
in a thread of its own, for SQLite's write lock; then the main thread waits as well, for a minute,
and with it whoever holds the lock (seen with Prefect 3.8.8 and aiosqlite 0.22, when a worker finds
many new deployments).
"""


@dataclass(frozen=True, slots=True)
class ServerPlan:
    """
    A server to run.

    port: the declared one; None leaves the choice to us.
    settings: by name, laid over our own.
    """

    home: Path
    host: str
    port: int | None
    database_url: str
    auth_string: str
    settings: Mapping[str, str]
    ui: bool
    python: str
    start_timeout_seconds: float

    @classmethod
    def read(cls, values: Mapping[str, Any]) -> ServerPlan:
        """Read checked inputs without unknown parts."""
        return cls(
            home=Path(values["home"]),
            host=values["host"],
            port=values.get("port"),
            database_url=values["databaseUrl"],
            auth_string=values.get("authString") or "",
            settings=values.get("settings") or {},
            ui=values["ui"],
            python=values["python"],
            start_timeout_seconds=values["startTimeoutSeconds"],
        )

    @property
    def lock_file(self) -> Path:
        """Where it is recorded who runs the server."""
        return find_lock(self.home)

    @property
    def database_file(self) -> Path | None:
        """Its database, when that is the default one; None for any other."""
        is_default = self.database_url == build_database_url(str(self.home))
        return self.home / _DATABASE_NAME if is_default else None

    @property
    def log_file(self) -> Path:
        """Where its output goes."""
        return self.home / "logs" / "server.log"

    @property
    def fingerprint(self) -> str:
        """Equal for servers that need no restart to become each other, ports aside."""
        return build_fingerprint(self._command(0), self._variables(0))

    def ui_url(self, port: int) -> str:
        """Spell the URL of the web pages; empty when there are none."""
        return build_url(self.host, port) if self.ui else ""

    def api_url(self, port: int) -> str:
        """Spell the API's URL."""
        return f"{build_url(self.host, port)}/api"

    def launch(self, base: Mapping[str, str], port: int) -> Launch:
        """Say what to start; `base` is the part of the environment that is the caller's."""
        environment = {**base, **self._variables(port)}
        return Launch(self._command(port), environment, self.home, self.log_file)

    def _command(self, port: int) -> tuple[str, ...]:
        options = ("--host", self.host, "--port", str(port), *(() if self.ui else ("--no-ui",)))
        return (self.python, "-c", _RUN_PREFECT, "--no-prompt", "server", "start", *options)

    def _variables(self, port: int) -> dict[str, str]:
        variables = {
            # The web pages look for the API there; the command's own options do not reach them.
            "PREFECT_UI_API_URL": self.api_url(port),
            "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
            "DO_NOT_TRACK": "1",
            **self.settings,
            "PREFECT_HOME": str(self.home),
            "PREFECT_PROFILES_PATH": str(self.home / "profiles.toml"),
            "PREFECT_API_DATABASE_CONNECTION_URL": self.database_url,
        }
        if self.auth_string:
            variables["PREFECT_SERVER_API_AUTH_STRING"] = self.auth_string
        return variables


def build_database_url(home: str) -> str:
    """Spell the URL of the database that a home has by default."""
    return f"sqlite+aiosqlite:///{home}/{_DATABASE_NAME}"


def find_lock(home: str | Path) -> Path:
    """Give the record of who runs the server with its data in `home`."""
    return Path(home) / "owner.lock"
