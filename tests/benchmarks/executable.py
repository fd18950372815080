"""
The same program on Pulumi's own executable, with a provider that does nothing, on a wire.

Driven through Pulumi's Automation API and not through our engine, so that nothing of ours is in it.
"""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor

import grpc
from google.protobuf import empty_pb2
from pulumi import automation
from pulumi.runtime.proto import plugin_pb2, provider_pb2, provider_pb2_grpc

from tests.benchmarks.world import PARALLEL, PROJECT, STACK, build_program


class NothingServicer(provider_pb2_grpc.ResourceProviderServicer):
    """Does nothing, at once."""

    def Attach(self, request, context):  # noqa: N802
        return empty_pb2.Empty()

    def GetPluginInfo(self, request, context):  # noqa: N802
        return plugin_pb2.PluginInfo(version="1.0.0")

    def GetSchema(self, request, context):  # noqa: N802
        return provider_pb2.GetSchemaResponse(schema='{"name":"test","version":"1.0.0"}')

    def CheckConfig(self, request, context):  # noqa: N802
        return provider_pb2.CheckResponse(inputs=request.news)

    def DiffConfig(self, request, context):  # noqa: N802
        return provider_pb2.DiffResponse(changes=provider_pb2.DiffResponse.DIFF_NONE)

    def Configure(self, request, context):  # noqa: N802
        return provider_pb2.ConfigureResponse(acceptSecrets=True, supportsPreview=True)

    def Check(self, request, context):  # noqa: N802
        return provider_pb2.CheckResponse(inputs=request.news)

    def Diff(self, request, context):  # noqa: N802
        return provider_pb2.DiffResponse(changes=provider_pb2.DiffResponse.DIFF_NONE)

    def Create(self, request, context):  # noqa: N802
        response = provider_pb2.CreateResponse(id=request.name, properties=request.properties)
        response.properties["out"] = f"out-{request.name}"
        return response

    def Cancel(self, request, context):  # noqa: N802
        return empty_pb2.Empty()


def run_executable(part, flows, folder):
    """Bring the program up, or show that nothing would change."""
    server = grpc.server(ThreadPoolExecutor(PARALLEL))
    provider_pb2_grpc.add_ResourceProviderServicer_to_server(NothingServicer(), server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    stack = open_stack(f"file://{folder}", port, build_program(range(flows)))
    try:
        if part == "pulumi-up":
            stack.up(parallel=PARALLEL)
        else:
            stack.preview(parallel=PARALLEL, expect_no_changes=True)
    finally:
        server.stop(None).wait()


def open_stack(url, port, program):
    """Open the stack of a folder, which is made if it is missing."""
    environment = {
        **os.environ,
        "PULUMI_CONFIG_PASSPHRASE": "",
        "PULUMI_DEBUG_PROVIDERS": f"test:{port}",
        "PULUMI_SKIP_UPDATE_CHECK": "1",
        "PULUMI_BACKEND_URL": url,
    }
    settings = automation.ProjectSettings(
        name=PROJECT, runtime="python", backend=automation.ProjectBackend(url=url)
    )
    return automation.create_or_select_stack(
        STACK,
        project_name=PROJECT,
        program=program,
        opts=automation.LocalWorkspaceOptions(env_vars=environment, project_settings=settings),
    )
