import json
import os
import subprocess
import sys
from importlib.metadata import version
from importlib.resources import files
from pathlib import Path

import grpc
from google.protobuf import empty_pb2
from pulumi.runtime.proto import provider_pb2_grpc

from meta_prefect.provider.installation import find_plugin_folder, install_plugin


def test_plugin_folder_is_pulumis():
    """The folder is in PULUMI_HOME, or in the user's home."""
    assert find_plugin_folder({"PULUMI_HOME": "/p"}) == Path("/p/plugins")
    assert find_plugin_folder({"HOME": "/h"}) == Path("/h/.pulumi/plugins")


def test_installed_plugin_serves(tmp_path):
    """What is installed runs this interpreter from any folder, and answers on its port."""
    (tmp_path / "meta_prefect.py").write_text("raise SystemExit('the wrong module')")
    plugins = tmp_path / "a folder" / "plugins"

    path = install_plugin(plugins, Path(sys.executable), "1.2.3")

    assert path == plugins / "resource-prefect-v1.2.3" / "pulumi-resource-prefect"
    with subprocess.Popen([path], stdout=subprocess.PIPE, cwd=tmp_path, text=True) as process:
        try:
            port = int(process.stdout.readline())
            with grpc.insecure_channel(f"127.0.0.1:{port}") as channel:
                stub = provider_pb2_grpc.ResourceProviderStub(channel)
                info = stub.GetPluginInfo(empty_pb2.Empty(), timeout=30)
        finally:
            process.terminate()
    assert info.version == version("meta-prefect")


def test_installing_again_leaves_one_file(tmp_path):
    """A second installation takes the place of the first, and leaves no draft."""
    install_plugin(tmp_path, Path("/old/python"), "1")
    path = install_plugin(tmp_path, Path("/new python"), "1")

    assert [item.name for item in path.parent.iterdir()] == ["pulumi-resource-prefect"]
    assert "'/new python'" in path.read_text()
    assert os.access(path, os.X_OK)


def test_metadata_names_the_plugin():
    """The package says which plugin a program with it needs, in the version of the package."""
    metadata = json.loads((files("meta_prefect") / "pulumi-plugin.json").read_text())

    assert metadata == {"resource": True, "name": "prefect", "version": version("meta-prefect")}
