"""
A stack on Pulumi's own executable, driven by our engine: needs a `pulumi` on PATH.

Not to be confused with `pulumi_stack`, where the executable is driven without code of ours.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Mapping
from contextlib import nullcontext
from typing import Any

from meta_prefect.engine.automation.engine import PulumiEngine
from meta_prefect.engine.automation.executable import read_executable
from meta_prefect.engine.automation.workspace import Place
from meta_prefect.interfaces.engine import Engine
from tests.lifecycle.replay import PASSPHRASE, PROJECT, STACK, ContractStack


class AutomationStack(ContractStack):
    """A stack in a folder of its own; the executable attaches to the served test provider."""

    def build_engine(self) -> Engine:
        return PulumiEngine(self._find_place(), {"test": lambda: nullcontext(self.port)})

    def export_by_executable(self) -> Mapping[str, Any]:
        """Give the state as the executable exports it, with secrets in clear."""
        place = self._find_place()
        (self.folder / "Pulumi.yaml").write_text(f"name: {PROJECT}\nruntime: python\n")
        done = subprocess.run(
            [place.executable.path, "stack", "export", "--show-secrets", "--stack", STACK],
            cwd=self.folder,
            env=place.build_environment({}),
            capture_output=True,
            text=True,
            check=True,
        )
        deployment: Mapping[str, Any] = json.loads(done.stdout)["deployment"]
        return deployment

    def _find_place(self) -> Place:
        path = shutil.which("pulumi")
        assert path, "there is no pulumi on PATH"
        url = f"file://{self.folder}"
        executable = read_executable(path)
        return Place(
            executable, url, _read_passphrase, os.environ, known_passphrase=_read_passphrase
        )


def _read_passphrase() -> str:
    return PASSPHRASE
