"""
A stack in front of the AWS double, on the engine that a test asks for.

The embedded engine has the double in this process; Pulumi's executable finds it on PATH. Operations
are those of `project.operations`, as only they refuse what a preview must not show.
"""

from __future__ import annotations

import os
import shutil

from meta_prefect.engine.automation.engine import PulumiEngine
from meta_prefect.engine.automation.executable import read_executable
from meta_prefect.engine.automation.workspace import Place
from meta_prefect.engine.embedded.engine import EmbeddedEngine
from meta_prefect.engine.embedded.plugin_finder import PluginPlace
from meta_prefect.engine.state.backend import FileBackend
from meta_prefect.interfaces.engine import OperationKind, OperationRequest, Outcome, Scope
from meta_prefect.interfaces.events import DiagnosticEvent, ResourcePre
from meta_prefect.project.operations import Operation, Subject
from tests.support.aws.provider import AwsDouble

PROJECT, STACK = "shop", "dev"
SUBJECT = Subject((), PROJECT, STACK, "an engine", "file:///state")


class AwsStack:
    """
    Previews, ups and destroys of programs; what the last operation did and said.

    steps: first op by name, without what stays as it is; messages: its diagnostics.
    watch: called with each event of an operation.
    """

    def __init__(self, engine):
        self._engine = engine
        self.watch = lambda _: None
        self.steps = {}
        self.messages = []

    def preview(self, program, replaced=()):
        """Look at what an `up` would do."""
        return self._run(self._prepare(OperationKind.UP, program, replaced).preview)

    def up(self, program, replaced=()):
        """Preview, then apply if that went well, as the command line does."""
        operation = self._prepare(OperationKind.UP, program, replaced)
        looked = self._run(operation.preview)
        return self._run(operation.apply) if looked.outcome is Outcome.SUCCEEDED else looked

    def destroy(self):
        """Take everything down."""
        return self._run(self._prepare(OperationKind.DESTROY).apply)

    def _prepare(self, kind, program=None, replaced=()):
        scope = Scope(replace=tuple(f"urn:pulumi:**::{name}" for name in replaced))
        request = OperationRequest(kind, PROJECT, STACK, program, scope=scope)
        return Operation(self._engine, request, SUBJECT)

    def _run(self, work):
        events = []

        def note(event):
            events.append(event)
            self.watch(event)

        result = work(note)
        found = [event.metadata for event in events if isinstance(event, ResourcePre)]
        self.steps = {}
        for step in found:
            if step.op != "same" and not step.type.startswith("pulumi:"):
                self.steps.setdefault(step.urn.rpartition("::")[2], step.op.value)
        self.messages = [event.message for event in events if isinstance(event, DiagnosticEvent)]
        return result


def build_embedded(aws, folder, **others):
    """
    Make a stack on the embedded engine; the double works with this process's environment.

    others: more providers, by package.
    """
    backend = FileBackend(f"file://{folder}", PROJECT, lambda: "pass")

    async def connect(_log):
        return AwsDouble(aws.kept)

    place = PluginPlace({}, folder / "home", {}, may_download=False)
    return AwsStack(EmbeddedEngine(backend, {"aws": connect, **others}, place))


def build_pulumi(aws, folder):
    """Make a stack on Pulumi's executable, which starts the double."""
    environment = {**os.environ, **aws.environment}
    executable = read_executable(shutil.which("pulumi"))
    folder.mkdir()
    place = Place(executable, f"file://{folder}", lambda: "pass", environment)
    return AwsStack(PulumiEngine(place, {}))
