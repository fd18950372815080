"""
How a local process worker is started: command, environment and files, from a resource's inputs.

Pure. Flow runs inherit the worker's whole environment: what is not in it, they do not have.

Source of options and variables: `prefect worker start --help` and `prefect/settings`, 3.8.8.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

from meta_prefect.provider.child_environment import build_fingerprint
from meta_prefect.provider.processes import TOKEN_VARIABLE, Launch

RESERVED_VARIABLES: Final = {
    TOKEN_VARIABLE: "what marks the worker's processes",
    "PREFECT_API_URL": "the provider's apiUrl",
    "PREFECT_HOME": "home",
    "PREFECT_PROFILES_PATH": "home",
    "PREFECT_WORKER_QUERY_SECONDS": "querySeconds",
    "PREFECT_WORKER_PREFETCH_SECONDS": "prefetchSeconds",
    "PREFECT_WORKER_HEARTBEAT_SECONDS": "heartbeatSeconds",
}
"""Variables that `env` may not set, with what does."""


@dataclass(frozen=True, slots=True)
class WorkerPlan:
    """
    A worker to run.

    home: Prefect's home on this machine; holds logs and records.
    folder: where it runs.
    limit: runs at once; None for no limit.
    access: variables that say where the API is and how to log in.
    """

    work_pool_name: str
    name: str
    work_queues: Sequence[str]
    limit: int | None
    query_seconds: float
    prefetch_seconds: int
    heartbeat_seconds: int
    env: Mapping[str, str]
    home: Path
    folder: Path
    python: str
    drain_seconds: int
    access: Mapping[str, str]

    @classmethod
    def read(cls, values: Mapping[str, Any], access: Mapping[str, str]) -> WorkerPlan:
        """Read checked inputs without unknown parts."""
        return cls(
            work_pool_name=values["workPoolName"],
            name=values["name"],
            work_queues=values.get("workQueues") or (),
            limit=values.get("limit"),
            query_seconds=values["querySeconds"],
            prefetch_seconds=values["prefetchSeconds"],
            heartbeat_seconds=values["heartbeatSeconds"],
            env=values.get("env") or {},
            home=Path(values["home"]),
            folder=Path(values["workingDirectory"]),
            python=values["python"],
            drain_seconds=values["drainSeconds"],
            access=access,
        )

    @property
    def record_file(self) -> Path:
        """Where it is recorded who runs the worker."""
        return self.home / "run" / f"worker-{self._file_name}.json"

    @property
    def log_file(self) -> Path:
        """Where its output goes."""
        return self.home / "logs" / f"worker-{self._file_name}.log"

    @property
    def fingerprint(self) -> str:
        """Equal for workers that need no restart to become each other."""
        return build_fingerprint((*self._command(), str(self.folder)), self._variables())

    def launch(self, base: Mapping[str, str]) -> Launch:
        """Say what to start; `base` is the part of the environment that is the caller's."""
        return Launch(self._command(), {**base, **self._variables()}, self.folder, self.log_file)

    @property
    def _file_name(self) -> str:
        return quote(self.name, safe="")

    def _command(self) -> tuple[str, ...]:
        limit = () if self.limit is None else ("--limit", str(self.limit))
        queues = [part for queue in self.work_queues for part in ("--work-queue", queue)]
        return (
            *(self.python, "-m", "prefect", "--no-prompt", "worker", "start"),
            *("--pool", self.work_pool_name, "--name", self.name, "--type", "process"),
            *("--install-policy", "never", "--no-create-pool-if-not-found"),
            *limit,
            *queues,
        )

    def _variables(self) -> dict[str, str]:
        return {
            **self.access,
            "PREFECT_HOME": str(self.home),
            "PREFECT_PROFILES_PATH": str(self.home / "profiles.toml"),
            "PREFECT_WORKER_QUERY_SECONDS": f"{self.query_seconds:g}",
            "PREFECT_WORKER_PREFETCH_SECONDS": str(self.prefetch_seconds),
            "PREFECT_WORKER_HEARTBEAT_SECONDS": str(self.heartbeat_seconds),
            **self.env,
        }
