"""
A reference program in front of a Prefect in memory, with plugins from an environment's PATH.

Not to be confused with `fake_world`, whose projects are flows.
"""

from __future__ import annotations

import os
import re
import shutil
from dataclasses import replace

from meta_prefect.engine.embedded.engine import EmbeddedEngine
from meta_prefect.engine.embedded.plugin_finder import PluginPlace
from meta_prefect.engine.state.backend import FileBackend
from meta_prefect.interfaces.engine import OperationKind
from meta_prefect.interfaces.events import DiagnosticEvent, ResourcePre
from meta_prefect.project.operations import OperationOptions, Selection
from meta_prefect.project.pulumi_folder import read_folder_settings
from meta_prefect.project.wiring import build_project
from meta_prefect.provider.provider import PrefectProvider
from tests.support.fake_prefect import FakePrefect
from tests.support.fake_world import add_storage_types

API_URL = "https://prefect.test/api"


class StackWorld:
    """
    A copy of a program's folder, its one stack, and what operations on it said.

    steps: op by name of the last operation, `same` left out; messages: its diagnostics.
    """

    def __init__(self, program, folder, environment, providers=None):
        self.folder = shutil.copytree(program, folder / program.name)
        self.environment = {**os.environ, **environment}
        self.prefect = FakePrefect()
        add_storage_types(self.prefect)
        self._providers = {"prefect": self._connect, **(providers or {})}
        place = PluginPlace(self.environment, folder / "home", {}, may_download=False)
        self._plugins = place
        self.steps = {}
        self.messages = []
        self.events = []

    def preview(self, config=None):
        """Look at what bringing everything up would do; `config` is that of the stack."""
        return self._run(OperationKind.UP, "preview", config)

    def up(self, config=None):
        """Bring everything up."""
        return self._run(OperationKind.UP, "apply", config)

    def refresh(self, config=None):
        """Look at the world."""
        return self._run(OperationKind.REFRESH, "apply", config)

    def destroy(self, config=None):
        """Take everything down."""
        return self._run(OperationKind.DESTROY, "apply", config)

    @property
    def stored(self):
        """The records in state by name."""
        snapshot = self._backend.load("dev")
        states = snapshot.resources if snapshot else []
        return {state.urn.rpartition("::")[2]: state for state in states}

    @property
    def size(self):
        """How many resources there are, without components and providers."""
        return len(
            [
                item
                for item in self.stored.values()
                if item.custom and not item.type.startswith("pulumi:")
            ]
        )

    @property
    def promised_size(self):
        """How many the program's README promises."""
        found = re.search(r"(\d+) resources", (self.folder / "README.md").read_text("utf-8"))
        return int(found[1])

    def _run(self, kind, how, config):
        self.events = []
        settings = read_folder_settings(self.folder, {"stack": "dev"}, self.environment)
        self._backend = FileBackend(settings.backend_url, settings.project, lambda: "pass")
        project = build_project(settings, self.environment)
        parts = replace(
            project._parts,
            reader=self._backend,
            build_engine=lambda: EmbeddedEngine(self._backend, self._providers, self._plugins),
            own_program=replace(project._parts.own_program, read_config=lambda: config)
            if config
            else project._parts.own_program,
        )
        operation = type(project)(settings, parts).prepare(
            kind, Selection(everything=True), OperationOptions()
        )
        result = getattr(operation, how)(self.events.append)
        found = [event.metadata for event in self.events if isinstance(event, ResourcePre)]
        self.steps = {
            step.urn.rpartition("::")[2]: step.op.value for step in found if step.op != "same"
        }
        self.messages = [
            event.message for event in self.events if isinstance(event, DiagnosticEvent)
        ]
        self.kept = operation.kept
        return result

    async def _connect(self, log):
        return PrefectProvider(log, environment={}, transport=self.prefect.transport)
