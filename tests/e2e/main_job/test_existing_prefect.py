"""The main job against a Prefect that is there already and holds other people's things."""

import shutil
from pathlib import Path

import pytest

from tests.support.by_hand import connect
from tests.support.command import CommandLine

pytestmark = pytest.mark.e2e

ROOT = Path(__file__).parents[3]


@pytest.fixture
def project(tmp_path, prefect_server):
    """The example in a project folder that is told of the server."""
    shutil.copytree(ROOT / "examples", tmp_path / "project" / "examples")
    environment = {"PREFECT_API_URL": prefect_server.url}
    command = CommandLine(tmp_path / "project", tmp_path / "home", environment)
    yield command
    command.run("destroy", "--all", "--yes")


@pytest.fixture
def theirs(prefect_server):
    """A pool, a flow, a deployment and a run of somebody else; gives what the server says of it."""
    with connect(prefect_server.url) as client:
        pool = client.post("/work_pools/", json={"name": "theirs", "type": "process"}).json()
        flow = client.post("/flows/", json={"name": "their-flow"}).json()
        deployment = client.post(
            "/deployments/",
            json={"name": "dev", "flow_id": flow["id"], "work_pool_name": "theirs"},
        ).json()
        client.post(f"/deployments/{deployment['id']}/create_flow_run", json={})

        def read():
            runs = client.post("/flow_runs/filter", json={}).json()
            return {
                "pool": client.get(f"/work_pools/{pool['name']}").json()["updated"],
                "deployment": client.get(f"/deployments/{deployment['id']}").json()["updated"],
                "runs": [run["id"] for run in runs if run["deployment_id"] == deployment["id"]],
            }

        yield read
        client.delete("/work_pools/theirs")
        client.delete(f"/flows/{flow['id']}")


def names(client, kind):
    return {item["name"] for item in client.post(f"/{kind}/filter", json={}).json()}


def test_only_ones_own_things_are_made_and_taken_away(project, prefect_server, theirs):
    """No server is declared; pools, deployments and runs of others stay as they are."""
    before = theirs()

    project.succeed("up", "my_flow", "--yes")
    shown = project.succeed("show", "--json").document["resources"]
    result = project.succeed("run", "my_flow", "-p", "x=20", "-p", "y=1").stdout.strip()
    again = project.succeed("up", "my_flow", "--yes", "--expect-no-changes", "--json").document
    with connect(prefect_server.url) as client:
        during = names(client, "work_pools")
        project.succeed("destroy", "my_flow", "--yes")
        after = names(client, "work_pools")
        deployments = client.post("/deployments/filter", json={}).json()

    assert "prefect:local:Server" not in {item["type"] for item in shown}
    assert (result, again["result"]) == ("21", "no-changes")
    assert {"project-dev-process", "theirs"} <= during
    assert "project-dev-process" not in after
    assert [item["work_pool_name"] for item in deployments] == ["theirs"]
    assert theirs() == before


def test_a_deployment_that_exists_is_taken_over(project, prefect_server):
    """`import` shows what would change in it, and ends with the same deployment in the stack."""
    with connect(prefect_server.url) as client:
        flow = client.post("/flows/", json={"name": "my-flow"}).json()
        body = {"name": "dev", "flow_id": flow["id"], "tags": ["by-hand"]}
        theirs = client.post("/deployments/", json=body).json()
        wanted = ("import", "my_flow", "my_flow/deployment", theirs["id"])
        looked = project.run(*wanted, "--no-input")
        done = project.succeed(*wanted, "--yes", "--json").document
        again = project.succeed("up", "my_flow", "--yes", "--json").document
        ours = client.get(f"/deployments/{theirs['id']}").json()
        twice = project.run(*wanted, "--yes")

    made = next(item for item in done["resources"] if item["name"] == "my_flow/deployment")
    assert looked.code == 2
    assert "import 2" in looked.stdout
    assert made["op"] == "import"
    assert "entrypoint" in {change["path"] for change in made["diff"]}
    assert again["result"] == "no-changes"
    assert ours["entrypoint"].endswith(":my_flow")
    assert "MP1314" in twice.stderr


def test_an_unreachable_prefect_is_one_diagnostic(project):
    """Nothing answers: one error with the URL and a cure, nothing recorded."""
    answer = project.run("up", "my_flow", "--yes", PREFECT_API_URL="http://127.0.0.1:9/api")

    assert answer.code == 1
    assert answer.stderr.count("error MP") == 1
    assert "http://127.0.0.1:9/api" in answer.stderr
    assert "fix" in answer.stderr
    assert "Traceback" not in answer.stderr
    assert not (project.folder / ".meta_prefect" / "state").exists()
