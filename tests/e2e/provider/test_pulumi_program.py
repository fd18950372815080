"""
A plain Pulumi program with our classes, run by Pulumi's own command line.

Nothing of ours drives it: the command finds the plugin by the package's metadata, on PATH or in its
folder of plugins. Nothing here runs without a `pulumi` on PATH: the test session says so.
"""

import json
import os
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

import pytest
import yaml

from meta_prefect.provider.function_registry import FUNCTIONS
from meta_prefect.provider.installation import install_plugin
from meta_prefect.provider.registry import HANDLERS
from tests.support.by_hand import connect
from tests.support.pulumi_cli import NEEDS_PULUMI

pytestmark = [pytest.mark.e2e, *NEEDS_PULUMI]

BIN = Path(sys.executable).parent
PROGRAM = """
import pulumi

from meta_prefect.provider import sdk

pool = sdk.WorkPool("pool", name="plain-program", type="process", concurrency_limit=2)
deployment = sdk.Deployment(
    "deployment",
    name="main",
    flow_name="plain-program",
    entrypoint="flows.py:main",
    work_pool_name=pool.name,
    work_pool_id=pool.work_pool_id,
    description=pulumi.Config().get("description"),
    job_variables=pulumi.Output.secret({"env": {"TOKEN": "hush"}}),
    schedules=[{"slug": "night", "cron": "0 2 * * *"}],
)
pulumi.export("server", sdk.get_server()["version"])
pulumi.export("deployment", deployment.deployment_id)
pulumi.export("type", sdk.WorkPool.get("again", pool.id).type)
"""


class PlainStack:
    """
    A stack in a folder of its own, by the command line alone.

    on_path: the environment's own programs, the plugin among them, are on PATH.
    """

    def __init__(self, folder, api_url, *, on_path):
        self.folder = folder
        kept = [item for item in os.environ["PATH"].split(os.pathsep) if Path(item) != BIN]
        self.environment = {
            "PATH": os.pathsep.join([str(BIN), *kept] if on_path else kept),
            "HOME": str(folder),
            "PULUMI_HOME": str(folder / "pulumi-home"),
            "PULUMI_BACKEND_URL": f"file://{folder}",
            "PULUMI_CONFIG_PASSPHRASE": "passphrase",
            "PULUMI_SKIP_UPDATE_CHECK": "1",
            "PREFECT_API_URL": api_url,
            "PREFECT_HOME": str(folder / "prefect-home"),
        }
        (folder / "__main__.py").write_text(PROGRAM)
        runtime = {"name": "python", "options": {"virtualenv": sys.prefix}}
        (folder / "Pulumi.yaml").write_text(yaml.safe_dump({"name": "shop", "runtime": runtime}))
        self.run("stack", "init", "dev")

    def run(self, *words):
        """Run the command; it must succeed. Gives what it prints."""
        done = subprocess.run(
            ["pulumi", "--non-interactive", *words],
            cwd=self.folder,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, f"{words}: {done.stdout}\n{done.stderr}"
        return done.stdout

    def preview(self, *words):
        """Preview; gives the counts by op."""
        return json.loads(self.run("preview", "--json", *words))["changeSummary"]

    @property
    def outputs(self):
        """What the program exports."""
        return json.loads(self.run("stack", "output", "--json"))


def test_schema_is_read_by_the_command():
    """`pulumi package get-schema` starts the executable and takes its whole schema."""
    done = subprocess.run(
        ["pulumi", "package", "get-schema", str(BIN / "pulumi-resource-prefect")],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=True,
    )

    schema = json.loads(done.stdout)
    assert (schema["name"], schema["version"]) == ("prefect", version("meta-prefect"))
    assert schema["resources"].keys() == HANDLERS.keys()
    assert schema["functions"].keys() == FUNCTIONS.keys()


def test_plugin_is_found_on_path(prefect_server, tmp_path):
    """With the environment on PATH a preview needs nothing installed beside the package."""
    stack = PlainStack(tmp_path, prefect_server.url, on_path=True)

    assert stack.preview() == {"create": 3}


def test_program_lives_by_the_installed_plugin(prefect_server, tmp_path):
    """Up, nothing to do, drift that is found and repaired, a change, destroyed: as any other."""
    stack = PlainStack(tmp_path, prefect_server.url, on_path=False)
    install_plugin(
        tmp_path / "pulumi-home" / "plugins", Path(sys.executable), version("meta-prefect")
    )

    stack.run("up", "--yes", "--skip-preview")
    outputs = stack.outputs
    unchanged = stack.preview()
    with connect(prefect_server.url) as http:
        path = f"/deployments/{outputs['deployment']}"
        made = http.get(path).json()
        http.patch("/work_pools/plain-program", json={"concurrency_limit": 9}).raise_for_status()
        drifted = stack.preview("--refresh")
        stack.run("config", "set", "description", "told later")
        stack.run("up", "--yes", "--skip-preview", "--refresh")
        changed = http.get(path).json()
        limit = http.get("/work_pools/plain-program").json()["concurrency_limit"]
        stack.run("destroy", "--yes", "--skip-preview")
        gone = http.get(path).status_code

    assert (outputs["type"], outputs["server"]) == ("process", version("prefect"))
    assert made["job_variables"] == {"env": {"TOKEN": "hush"}}
    assert "hush" not in "".join(path.read_text() for path in tmp_path.rglob("dev*.json"))
    assert unchanged.keys() <= {"same", "read"}
    assert drifted["update"] == 1
    assert (made["description"], changed["description"]) == (None, "told later")
    assert made["schedules"][0]["id"] == changed["schedules"][0]["id"]
    assert (limit, gone) == (2, 404)
