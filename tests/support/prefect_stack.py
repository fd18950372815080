"""A stack on the embedded engine in front of a real Prefect, in a folder of its own."""

from __future__ import annotations

import pulumi

from meta_prefect.engine.embedded.engine import EmbeddedEngine
from meta_prefect.engine.embedded.plugin_finder import PluginPlace
from meta_prefect.engine.state.backend import FileBackend
from meta_prefect.interfaces.engine import OperationKind, OperationRequest, Outcome
from meta_prefect.interfaces.events import Op, ResourceOutputs
from meta_prefect.provider import sdk
from meta_prefect.provider.provider import PrefectProvider

PROJECT = "shop"
STACK = "dev"
_NOWHERE = {"PREFECT_HOME": "/nonexistent"}


class PrefectStack:
    """
    Runs operations on one stack and keeps what they said.

    settings: of the provider, as `sdk.Provider` takes them.
    explicit: resources name their provider; False: they get the default one.
    """

    def __init__(self, folder, api_url, *, explicit=True, **settings):
        self.folder = folder
        self.settings = {"api_url": api_url, **settings}
        self.explicit = explicit
        self.backend = FileBackend(f"file://{folder}", PROJECT, lambda: "passphrase")
        place = PluginPlace({}, folder / "home", {}, may_download=False)
        self.engine = EmbeddedEngine(self.backend, {"prefect": self._connect}, place)
        self.events = []

    def up(self, program, **fields):
        """Run a program that takes Pulumi's options for each of its resources."""
        return self.run(OperationKind.UP, self._wrap(program), **fields)

    def preview(self, program, **fields):
        """Preview what `up` would do."""
        return self.run(OperationKind.PREVIEW, self._wrap(program), **fields)

    def refresh(self, **fields):
        """Look at everything."""
        return self.run(OperationKind.REFRESH, **fields)

    def destroy(self, **fields):
        """Take everything away."""
        return self.run(OperationKind.DESTROY, **fields)

    def run(self, kind, program=None, **fields):
        """Run an operation to its end."""
        self.events = []
        request = OperationRequest(kind, PROJECT, STACK, program, **fields)
        return self.engine.run(request, self.events.append)

    def succeed(self, kind, program=None, **fields):
        """Run an operation that must succeed; gives what changed, by op."""
        result = self.run(kind, program and self._wrap(program), **fields)
        assert result.outcome is Outcome.SUCCEEDED, result.diagnostics
        return changes_of(result)

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

    @property
    def steps(self):
        """Steps that ended well, as (op, name), without those that found nothing to do."""
        found = [event.metadata for event in self.events if isinstance(event, ResourceOutputs)]
        return [
            (step.op.value, step.urn.rpartition("::")[2])
            for step in found
            if step.op not in {Op.SAME, Op.REFRESH}
        ]

    def _wrap(self, program):
        def declare():
            provider = sdk.Provider("prefect", **self.settings) if self.explicit else None
            program(pulumi.ResourceOptions(provider=provider))

        return declare

    async def _connect(self, log):
        environment = {"PREFECT_API_URL": self.settings["api_url"], **_NOWHERE}
        return PrefectProvider(log, environment=environment)


def changes_of(result):
    """Give the counts of an operation by op, what stayed the same left out."""
    return {op.value: count for op, count in result.changes.items() if op is not Op.SAME and count}
