"""A stack on the embedded engine in a folder of its own, with an in-memory cloud."""

from __future__ import annotations

import pulumi

from meta_prefect.engine.embedded.engine import EmbeddedEngine
from meta_prefect.engine.embedded.plugin_finder import PluginPlace
from meta_prefect.interfaces.engine import OperationKind, OperationRequest
from meta_prefect.interfaces.events import DiagnosticEvent, ResourcePre
from tests.support.memory_provider import MemoryCloud
from tests.support.state import PROJECT, STACK, make_backend


class Thing(pulumi.CustomResource):
    """A custom resource of the in-memory cloud."""

    out: pulumi.Output[str]

    def __init__(self, name, opts=None, **props):
        super().__init__("test:index:Thing", name, {**props, "out": None}, opts)


class Group(pulumi.ComponentResource):
    """A component."""

    def __init__(self, name, opts=None):
        super().__init__("app:index:Group", name, None, opts)


class EmbeddedBench:
    """Runs operations and keeps what they said."""

    def __init__(self, folder, cloud=None, plugins=None, **collaborators):
        self.cloud = cloud or MemoryCloud()
        self.backend = make_backend(folder, **collaborators)
        self.place = plugins or PluginPlace({}, folder / "home", {}, may_download=False)
        self.engine = EmbeddedEngine(self.backend, {"test": self.cloud.connect}, self.place)
        self.events = []

    def up(self, program, **fields):
        return self.run(OperationKind.UP, program, **fields)

    def preview(self, program, **fields):
        return self.run(OperationKind.PREVIEW, program, **fields)

    def destroy(self, **fields):
        return self.run(OperationKind.DESTROY, **fields)

    def refresh(self, **fields):
        return self.run(OperationKind.REFRESH, **fields)

    def run(self, kind, program=None, **fields):
        """Run an operation to its end."""
        self.events = []
        request = OperationRequest(kind, PROJECT, fields.pop("stack", STACK), program, **fields)
        return self.engine.run(request, self.events.append)

    @property
    def steps(self):
        """Steps of the last operation that began, as (op, name), without providers and stack."""
        found = [event.metadata for event in self.events if isinstance(event, ResourcePre)]
        return [
            (step.op.value, step.urn.rpartition("::")[2])
            for step in found
            if not step.type.startswith("pulumi:")
        ]

    @property
    def messages(self):
        """What the last operation said, as (severity, text)."""
        return [
            (event.severity.value, event.message)
            for event in self.events
            if isinstance(event, DiagnosticEvent)
        ]

    @property
    def stored(self):
        """The records in state by name, without providers and stack."""
        snapshot = self.backend.load(STACK)
        states = snapshot.resources if snapshot else []
        return {
            state.urn.rpartition("::")[2]: state
            for state in states
            if not state.type.startswith("pulumi:")
        }
