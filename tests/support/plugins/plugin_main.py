"""
A provider plugin for tests: a process that speaks the real protocol, with a cloud in memory.

What is peculiar about it is said by variables: with `PLUGIN_DIES` it ends while it creates, with
`PLUGIN_SILENT` before it says its port; with `PLUGIN_CHILD` it starts a process of its own. What it
sees it appends to the file in `PLUGIN_REPORT`, a JSON record for each event.
"""

import json
import os
import subprocess
import sys
from pathlib import Path

import grpc
from pulumi.runtime.proto import engine_pb2, engine_pb2_grpc, plugin_pb2, provider_pb2

from tests.support.conformance.provider import TestProvider, serve


class PluginServicer(TestProvider):
    """Greets, logs to its engine, and serves other packages when asked to."""

    def __init__(self, engine):
        super().__init__()
        self._engine = engine
        self.report = {
            "arguments": sys.argv[1:],
            "folder": str(Path.cwd()),
            "project": os.environ.get("PULUMI_PROJECT"),
            "config": os.environ.get("PULUMI_CONFIG"),
            "renamed": os.environ.get("RENAMED"),
            "pid": os.getpid(),
        }

    def write_report(self, **more):
        self.report.update(more)
        path = os.environ.get("PLUGIN_REPORT")
        if path:
            with Path(path).open("a") as file:
                file.write(json.dumps(self.report) + "\n")

    def Handshake(self, request, context):  # noqa: N802
        root = self._engine.GetRootResource(engine_pb2.GetRootResourceRequest()).urn
        self.write_report(engine=request.engine_address, root=request.root_directory, stack=root)
        return provider_pb2.ProviderHandshakeResponse(accept_secrets=True, accept_resources=True)

    def GetPluginInfo(self, request, context):  # noqa: N802
        return plugin_pb2.PluginInfo(version=os.environ.get("PLUGIN_VERSION", "1.0.0"))

    def Parameterize(self, request, context):  # noqa: N802
        self.write_report(parameter=request.value.value.decode())
        return provider_pb2.ParameterizeResponse(
            name=request.value.name, version=request.value.version
        )

    def Configure(self, request, context):  # noqa: N802
        self.write_report(variables=dict(request.variables))
        return super().Configure(request, context)

    def Create(self, request, context):  # noqa: N802
        if not request.preview:
            self._engine.Log(
                engine_pb2.LogRequest(
                    severity=engine_pb2.WARNING, urn=request.urn, message="slow today"
                )
            )
        if os.environ.get("PLUGIN_DIES") and not request.preview:
            sys.stderr.write("out of memory\n")
            sys.stderr.flush()
            os._exit(3)
        return super().Create(request, context)


def main():
    if os.environ.get("PLUGIN_SILENT"):
        sys.exit("no licence")
    child = 0
    if os.environ.get("PLUGIN_CHILD"):
        child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"]).pid
    engine = engine_pb2_grpc.EngineStub(grpc.insecure_channel(sys.argv[1]))
    servicer = PluginServicer(engine)
    servicer.report["child"] = child
    server, port = serve(servicer)
    sys.stdout.write(f"\n\x1b]9;4;3;\x1b\\{port}\nready when you are\n")
    sys.stdout.flush()
    server.wait_for_termination()


if __name__ == "__main__":
    main()
