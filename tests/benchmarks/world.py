"""
What benchmarks run on: a program of flows, a provider that does nothing, a monitor that answers.

Each flow is a component with one custom resource in it.
"""

from __future__ import annotations

import pulumi
from google.protobuf import empty_pb2
from pulumi.runtime.proto import engine_pb2, resource_pb2

from meta_prefect.engine import urn as urns
from meta_prefect.engine.state.disk import Disk
from meta_prefect.interfaces.provider import (
    Changes,
    CheckResponse,
    ConfigureResponse,
    CreateResponse,
    DiffResponse,
    ReadResponse,
)
from meta_prefect.interfaces.values import UNKNOWN

PROJECT = "bench"
STACK = "dev"
PARALLEL = 16


class Thing(pulumi.CustomResource):
    """The resource of a flow."""

    out: pulumi.Output[str]

    def __init__(self, name, props, opts):
        super().__init__("test:index:Thing", name, {**props, "out": None}, opts)


class Flow(pulumi.ComponentResource):
    """One flow."""

    def __init__(self, name):
        super().__init__("bench:index:Flow", name)
        props = {"schedule": "0 6 * * *", "tags": ["a", "b"], "limits": {"cpu": 2, "memory": "4Gi"}}
        thing = Thing(f"{name}/deployment", props, pulumi.ResourceOptions(parent=self))
        self.register_outputs({"out": thing.out})


def build_program(numbers):
    """Make a program that declares some flows."""

    def program():
        for number in numbers:
            Flow(f"flow{number}")

    return program


class NothingProvider:
    """Does nothing, at once."""

    async def check_config(self, request):
        return CheckResponse(request.news)

    async def diff_config(self, request):
        return DiffResponse(Changes.NONE)

    async def configure(self, request):
        return ConfigureResponse()

    async def check(self, request):
        return CheckResponse(request.news)

    async def diff(self, request):
        same = request.old_inputs == request.news
        return DiffResponse(Changes.NONE if same else Changes.SOME)

    async def create(self, request):
        if request.preview:
            return CreateResponse(UNKNOWN, {**request.properties, "out": UNKNOWN})
        id = urns.urn_name(request.urn)
        return CreateResponse(id, {**request.properties, "out": f"out-{id}"})

    async def read(self, request):
        return ReadResponse(request.id, request.properties, request.inputs)

    async def update(self, request):
        return request.news

    async def delete(self, request): ...

    async def cancel(self): ...

    async def close(self): ...


async def connect(log):
    """Make a provider."""
    return NothingProvider()


class TrivialMonitor:
    """Answers every call at once: the floor, which is the SDK's own work."""

    def GetDeploymentInfo(self, request):  # noqa: N802
        return resource_pb2.DeploymentInfo(
            project=PROJECT, stack=STACK, organization="organization", parallel=16
        )

    def RegisterResource(self, request):  # noqa: N802
        urn = urns.build_child_urn(STACK, PROJECT, request.parent, request.type, request.name)
        id = request.name if request.custom else ""
        return resource_pb2.RegisterResourceResponse(urn=urn, id=id, object=request.object)

    def RegisterResourceOutputs(self, request):  # noqa: N802
        return empty_pb2.Empty()

    def SignalAndWaitForShutdown(self, request):  # noqa: N802
        return empty_pb2.Empty()

    def Log(self, request):  # noqa: N802
        return empty_pb2.Empty()

    def SetRootResource(self, request):  # noqa: N802
        return engine_pb2.SetRootResourceResponse()


class CountingDisk(Disk):
    """A disk that counts what is written, and how often it waits for the platters."""

    def __init__(self):
        super().__init__()
        self.bytes_written = 0
        self.syncs = 0

    def write(self, path, data):
        self.bytes_written += len(data)
        self.syncs += 2  # the file and its folder
        super().write(path, data)

    def append(self, path, data):
        self.bytes_written += len(data)
        self.syncs += 1
        super().append(path, data)
