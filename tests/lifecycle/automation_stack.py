"""
A stack on Pulumi's own executable, driven by our engine: needs a `pulumi` on PATH.

Not to be confused with `pulumi_stack`, where the executable is driven without code of ours.
"""

from __future__ import annotations

import os
import shutil
from contextlib import nullcontext

from meta_prefect.engine.automation.engine import PulumiEngine
from meta_prefect.engine.automation.executable import read_executable
from meta_prefect.engine.automation.workspace import Place
from meta_prefect.interfaces.engine import Engine
from tests.lifecycle.replay import PASSPHRASE, ContractStack


class AutomationStack(ContractStack):
    """A stack in a folder of its own; the executable attaches to the served test provider."""

    def build_engine(self) -> Engine:
        path = shutil.which("pulumi")
        assert path, "there is no pulumi on PATH"
        place = Place(
            read_executable(path), f"file://{self.folder}", lambda: PASSPHRASE, os.environ
        )
        return PulumiEngine(place, {"test": lambda: nullcontext(self.port)})
