import json
import os
import subprocess
import sys

import grpc
import pytest
from google.protobuf import empty_pb2
from pulumi.runtime.proto import provider_pb2, provider_pb2_grpc

pytestmark = pytest.mark.e2e


def test_plugin_prints_its_port_and_serves():
    """The executable prints one port, answers there, and loads no Prefect."""
    code = "from meta_prefect.provider.plugin import main; main()"
    environment = {**os.environ, "PYTHONPROFILEIMPORTTIME": "1"}
    with subprocess.Popen(
        [sys.executable, "-c", code, "127.0.0.1:1"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=environment,
    ) as process:
        try:
            port = int(process.stdout.readline())
            with grpc.insecure_channel(f"127.0.0.1:{port}") as channel:
                stub = provider_pb2_grpc.ResourceProviderStub(channel)
                info = stub.GetPluginInfo(empty_pb2.Empty(), timeout=30)
                schema = json.loads(stub.GetSchema(provider_pb2.GetSchemaRequest()).schema)
        finally:
            process.terminate()
            _, imports = process.communicate()

    modules = {line.rpartition("|")[2].strip() for line in imports.splitlines()}
    assert info.version == schema["version"]
    assert "meta_prefect.provider.plugin" in modules
    assert "prefect" not in modules
