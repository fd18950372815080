"""
The command line as a user has it: `meta-prefect` in a project folder, in a process of its own.

The environment has an empty home and nothing of Prefect's or Pulumi's, so that a test cannot meet
what the machine's user has set up.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

_TIMEOUT_SECONDS = 240


@dataclass(frozen=True, slots=True)
class Answer:
    """What a command said and how it ended."""

    code: int
    stdout: str
    stderr: str

    @property
    def document(self) -> Any:
        """The answer of a command with `--json`."""
        return json.loads(self.stdout)


class CommandLine:
    """Runs `meta-prefect` in one folder."""

    def __init__(self, folder: Path, home: Path, environment: dict[str, str] | None = None) -> None:
        """Work in `folder`; `home` is the user's, `environment` comes on top."""
        self.folder = folder
        home.mkdir(parents=True, exist_ok=True)
        self.environment = {**_clean_environment(), "HOME": str(home), **(environment or {})}

    def run(self, *arguments: str, **variables: str) -> Answer:
        """Run a command to its end."""
        done = subprocess.run(
            self.build_command(*arguments),
            cwd=self.folder,
            env={**self.environment, **variables},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=_TIMEOUT_SECONDS,
            check=False,
        )
        return Answer(done.returncode, done.stdout, done.stderr)

    def succeed(self, *arguments: str, **variables: str) -> Answer:
        """Run a command that must end with 0."""
        answer = self.run(*arguments, **variables)
        assert answer.code == 0, f"{arguments}: {answer.code}\n{answer.stdout}\n{answer.stderr}"
        return answer

    def start(self, *arguments: str) -> subprocess.Popen[str]:
        """Start a command and leave it running."""
        return subprocess.Popen(
            self.build_command(*arguments),
            cwd=self.folder,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    @staticmethod
    def build_command(*arguments: str) -> list[str]:
        """Give the command's words."""
        return [str(Path(sys.executable).with_name("meta-prefect")), *arguments]


def _clean_environment() -> dict[str, str]:
    foreign = ("PREFECT_", "PULUMI_", "META_PREFECT", "PYTEST_", "COV_")
    return {name: text for name, text in os.environ.items() if not name.startswith(foreign)}
