"""A project on the embedded engine, in front of a Prefect in memory: no process, no network."""

import functools
import json
import shutil
import textwrap
from dataclasses import replace
from importlib.metadata import distribution
from itertools import count
from pathlib import Path

from meta_prefect.engine.embedded.engine import EmbeddedEngine
from meta_prefect.engine.state.backend import FileBackend
from meta_prefect.interfaces.engine import OperationKind, Outcome
from meta_prefect.interfaces.events import ResourcePre
from meta_prefect.project.operations import OperationOptions, Selection
from meta_prefect.project.place import PrefectPlace
from meta_prefect.project.project import Project
from meta_prefect.project.settings import read_settings
from meta_prefect.project.wiring import build_project
from meta_prefect.provider.provider import PrefectProvider
from tests.support.fake_prefect import FakePrefect
from tests.support.memory_platform import PlatformCloud

API_URL = "http://prefect.test/api"
_NUMBERS = count()


class World:
    """
    A project folder, the stacks made from it and the one Prefect that they share.

    file: the flow file; its name is one that no other test loads.
    prefect: what is in Prefect.
    platform: what is in AWS and in clusters.
    """

    def __init__(self, folder):
        self.folder = folder
        self.file = folder / f"flows_of_world_{next(_NUMBERS)}.py"
        self.prefect = FakePrefect()
        add_storage_types(self.prefect)
        self.platform = PlatformCloud()
        (folder / "pyproject.toml").write_text('[project]\nname = "shop"\nversion = "1"\n')

    def write(self, text):
        """Write the one flow file anew."""
        self.file.write_text(textwrap.dedent(text))
        shutil.rmtree(self.folder / "__pycache__", ignore_errors=True)

    def project(self, stack="dev"):
        """Look at the project at a stack."""
        settings = read_settings(self.folder, {"stack": stack}, {})
        backend = FileBackend(settings.backend_url, settings.project, lambda: "pass")
        parts = replace(
            build_project(settings, {})._parts,
            reader=backend,
            build_engine=lambda: EmbeddedEngine(
                backend,
                {
                    "prefect": self._connect,
                    "aws": self.platform.connect,
                    "kubernetes": self.platform.connect,
                },
            ),
            find_place=lambda: PrefectPlace(API_URL, "test"),
            greet_prefect=lambda: "",
        )
        return Project(settings, parts)

    def preview(self, *flows, stack="dev", kind=OperationKind.UP):
        """Give op by name of what an operation would do, `same` left out."""
        steps = {}
        result = self._prepare(kind, flows, stack).preview(lambda event: _note(event, steps))
        assert result.outcome is Outcome.SUCCEEDED, result.diagnostics
        return steps

    def up(self, *flows, stack="dev"):
        """Bring flows up, all when none is named; gives what `preview` gives."""
        return self._apply(OperationKind.UP, flows, stack)

    def destroy(self, *flows, stack="dev"):
        """Take flows away, all when none is named; gives what `preview` gives."""
        return self._apply(OperationKind.DESTROY, flows, stack)

    def prepare_destroy(self, *flows, stack="dev"):
        """Give the operation that takes flows away, for what it says beforehand."""
        return self._prepare(OperationKind.DESTROY, flows, stack)

    @property
    def deployments(self):
        """The rows in Prefect by `FLOW/NAME`."""
        names = {row["id"]: row["name"] for row in self.prefect.flows.values()}
        return {
            f"{names[row['flow_id']]}/{row['name']}": row
            for row in self.prefect.deployments.values()
        }

    def _apply(self, kind, flows, stack):
        steps = {}
        result = self._prepare(kind, flows, stack).apply(lambda event: _note(event, steps))
        assert result.outcome is Outcome.SUCCEEDED, result.diagnostics
        return steps

    def _prepare(self, kind, flows, stack):
        selection = Selection(flows, everything=not flows)
        return self.project(stack).prepare(kind, selection, OperationOptions())

    async def _connect(self, log):
        return PrefectProvider(log, environment={}, transport=self.prefect.transport)


def add_storage_types(prefect):
    """Teach a Prefect the blocks of prefect-aws, as a server learns them when it starts."""
    for slug, data in _read_storage_types().items():
        _, kind = prefect._block_types("POST", [], {"name": data["name"], "slug": slug})
        schema = data["block_schema"]
        prefect._block_schemas(
            "POST",
            [],
            {
                "block_type_id": kind["id"],
                "fields": schema["fields"],
                "capabilities": schema["capabilities"],
                "version": schema["version"],
            },
        )


@functools.cache
def _read_storage_types():
    path = distribution("prefect").locate_file("prefect/server/collection_blocks_data.json")
    types = json.loads(Path(path).read_text("utf-8"))["collections"]["prefect-aws"]["block_types"]
    return {slug: types[slug] for slug in ("aws-credentials", "minio-credentials", "s3-bucket")}


def _note(event, steps):
    if isinstance(event, ResourcePre) and event.metadata.op != "same":
        metadata = event.metadata
        if not metadata.type.startswith("pulumi:"):
            steps[metadata.urn.rpartition("::")[2]] = metadata.op.value
