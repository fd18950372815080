"""
The main job on one machine, from an empty folder to nothing left: one story in its order.

The steps share one project, since starting a server is what takes the time; each test leaves the
stack up for the next, and the last ones take it down.
"""

import json
import os
import shutil
import signal
from pathlib import Path

import pytest

from tests.support.by_hand import connect
from tests.support.command import CommandLine
from tests.support.interruptions import heed_ctrl_c
from tests.support.processes import end_processes, list_processes

pytestmark = pytest.mark.e2e

ROOT = Path(__file__).parents[3]
SECOND_FLOW = '''
"""A second flow that needs the same as the first."""

from prefect import flow

from meta_prefect.implementations.deployer import local_deployer


@local_deployer()
@flow(name="Greeting", retries=1)
async def greet(name: str = "you") -> str:
    """Greet somebody."""
    return f"hello {name}"
'''


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    """The example in a project folder of its own; whatever a test leaves running is ended."""
    folder = tmp_path_factory.mktemp("project")
    shutil.copytree(ROOT / "examples", folder / "examples")
    (folder / "pyproject.toml").write_text('[project]\nname = "shop"\nversion = "1"\n')
    command = CommandLine(folder, tmp_path_factory.mktemp("home"))
    yield command
    command.run("destroy", "--all", "--yes")
    end_processes(folder)


def resources(command, flow=None):
    """Give the stack's resources by name."""
    answer = command.succeed("show", *([flow] if flow else []), "--json")
    return {item["name"]: item for item in answer.document["resources"]}


def state_file(command):
    """Give the stack's checkpoint."""
    return command.folder / ".meta_prefect/state/.pulumi/stacks/shop/dev.json"


def api(command):
    """Give a client for the project's server."""
    return connect(resources(command)["server/local"]["outputs"]["url"])


def changes(answer):
    """Give name and op of every resource that is not `same`."""
    return {
        item["name"]: item["op"] for item in answer.document["resources"] if item["op"] != "same"
    }


def test_up_brings_everything(project):
    """One command makes server, pool, worker and deployment, and says what is there."""
    answer = project.succeed("up", "my_flow", "--yes")

    made = resources(project)
    assert {"server/local", "work-pool/process/pool", "worker/process/process"} <= made.keys()
    assert "my-flow/dev" in answer.stdout + answer.stderr
    with api(project) as client:
        deployment = client.get("/deployments/name/my-flow/dev").json()
        pages = client.get(made["server/local"]["outputs"]["uiUrl"] + "/ui-settings").json()
    assert pages["api_url"] == made["server/local"]["outputs"]["url"]
    assert deployment["entrypoint"] == "examples/local/my_local_flow.py:my_flow"
    assert deployment["work_pool_name"] == "shop-dev-process"
    assert deployment["description"] == "Add two numbers x and y."
    assert deployment["enforce_parameter_schema"] is True
    assert set(deployment["parameter_openapi_schema"]["properties"]) == {"x", "y"}


def test_a_run_completes_with_its_result(project):
    """`run` follows the run and prints what the flow returned."""
    answer = project.succeed("run", "my_flow", "-p", "x=1", "-p", "y=2")

    assert answer.stdout.strip() == "3"
    assert "Completed" in answer.stderr


def test_logs_and_history_tell_what_was_done(project):
    """The run's lines, the worker's file, the page and the first operation can be looked at."""
    logged = project.succeed("logs", "my_flow").stdout
    by_worker = project.succeed("logs", "my_flow", "--of", "worker").stdout
    page = project.succeed("open", "my_flow").stdout
    (first,) = project.succeed("history", "--json").document["operations"]

    assert "Finished in state Completed()" in logged
    assert "Finished in state Completed()" in by_worker
    assert "/deployments/deployment/" in page
    assert (first["kind"], first["result"]) == ("update", "succeeded")


def test_logs_are_not_those_of_a_run_to_come(project):
    """A run that waits for its time has nothing to tell: the last one that began is shown."""
    deployment = resources(project)["my_flow/deployment"]["id"]
    waiting = {"type": "SCHEDULED", "state_details": {"scheduled_time": "2099-01-01T00:00:00Z"}}
    with api(project) as client:
        body = {"state": waiting, "parameters": {"x": 1, "y": 1}}
        made = client.post(f"/deployments/{deployment}/create_flow_run", json=body).json()

    logged = project.succeed("logs", "my_flow")

    assert made["state"]["type"] == "SCHEDULED"
    assert made["name"] not in logged.stderr
    assert "Finished in state Completed()" in logged.stdout


def test_wrong_parameters_start_no_run(project):
    """Every parameter that does not fit is named at once, and the server has no new run."""
    with api(project) as client:
        before = client.post("/flow_runs/count", json={}).json()
        answer = project.run("run", "my_flow", "-p", "x=one", "-p", "z=1")
        after = client.post("/flow_runs/count", json={}).json()

    assert (answer.code, after) == (2, before)
    assert "MP3401" in answer.stderr
    assert all(part in answer.stderr for part in ("x: ", "z: ", "'y' is a required property"))


def test_up_again_changes_nothing(project):
    """A second `up` has nothing to do, also when that is what is expected."""
    answer = project.succeed("up", "my_flow", "--yes", "--expect-no-changes", "--json")

    assert answer.document["result"] == "no-changes"


def test_a_saved_plan_is_done_and_nothing_else(project):
    """What was planned is applied without a question; other values than planned are refused."""
    plan = project.folder.parent / "plan.json"
    project.succeed("preview", "my_flow", "--save-plan", str(plan), META_PREFECT__TAGS="planned")
    state = state_file(project).read_bytes()

    refused = project.run("up", "--plan", str(plan), META_PREFECT__TAGS="other")
    untouched = state_file(project).read_bytes()
    done = project.succeed("up", "--plan", str(plan), "--json", META_PREFECT__TAGS="planned")

    assert (refused.code, untouched) == (11, state)
    assert "my_flow/deployment: change, to other inputs than in the plan" in refused.stderr
    assert changes(done) == {"my_flow/deployment": "update"}


def test_dev_goes_round_at_every_change(project):
    """It brings the flow up, waits for a file to change, does so again, and ends with Ctrl-C."""
    with heed_ctrl_c():
        running = project.start("dev", "my_flow", "--no-run")
    said = []

    def read_until(text):
        for row in running.stdout:
            said.append(row)
            if row.startswith(text):
                return

    read_until("waiting")
    (project.folder / "notes.py").write_text("# nothing yet\n")
    read_until("changed")
    read_until("waiting")
    running.send_signal(signal.SIGINT)
    read_until("ended")

    assert running.wait(60) == 0
    assert "changed  notes.py\n" in said
    assert sum(row.startswith("my_flow on dev: up with") for row in said) == 2
    (project.folder / "notes.py").unlink()


def test_tags_are_previewed_and_applied_in_place(project):
    """The preview shows exactly the tags and changes nothing; `up` keeps the deployment's id."""
    before = resources(project)["my_flow/deployment"]
    state = state_file(project).read_bytes()

    preview = project.succeed("preview", "my_flow", "--json", META_PREFECT__TAGS="b, a")
    unchanged = state_file(project).read_bytes()
    project.succeed("up", "my_flow", "--yes", META_PREFECT__TAGS="b, a")

    after = resources(project)["my_flow/deployment"]
    (changed,) = [item for item in preview.document["resources"] if item["op"] != "same"]
    assert (changed["name"], changed["op"]) == ("my_flow/deployment", "update")
    assert {entry["path"].partition("[")[0] for entry in changed["diff"]} == {"tags"}
    assert unchanged == state
    assert after["id"] == before["id"]
    with api(project) as client:
        assert client.get(f"/deployments/{after['id']}").json()["tags"] == ["a", "b"]


def test_a_second_flow_shares_everything(project):
    """Another flow with the same needs brings its own deployment only."""
    (project.folder / "second.py").write_text(SECOND_FLOW)

    answer = project.succeed("up", "greet", "--yes", "--json")

    assert set(changes(answer)) - {"greet"} == {"greet/flow", "greet/deployment"}
    assert project.succeed("run", "greet", "-p", "name=1").stdout.strip() == "hello 1"


def test_a_killed_worker_and_server_come_back(project):
    """After `kill -9` of both, the preview says so and `up` starts each once, data and id kept."""
    before = resources(project)
    for name in ("worker/process/process", "server/local"):
        os.kill(before[name]["outputs"]["pid"], signal.SIGKILL)

    preview = project.succeed("preview", "my_flow", "--json", META_PREFECT__TAGS="b, a")
    project.succeed("up", "my_flow", "--yes", META_PREFECT__TAGS="b, a")

    after = resources(project)
    assert changes(preview) == {"worker/process/process": "update", "server/local": "update"}
    assert after["server/local"]["outputs"]["url"] == before["server/local"]["outputs"]["url"]
    assert after["my_flow/deployment"]["id"] == before["my_flow/deployment"]["id"]
    again = project.succeed("up", "--all", "--yes", "--json", META_PREFECT__TAGS="b, a")
    assert "greet/deployment" in changes(again)
    assert project.succeed("run", "my_flow", "-p", "x=2", "-p", "y=2").stdout.strip() == "4"


def test_renaming_the_pool_shows_what_is_replaced(project):
    """A pool of another name is made, and the deployment moves to it; nothing is changed yet."""
    file = project.folder / "second.py"
    file.write_text(SECOND_FLOW.replace("local_deployer()", 'local_deployer(pool="heavy")'))

    preview = project.succeed("preview", "greet", "--json")

    ops = changes(preview)
    assert ops["work-pool/heavy/pool"] == "create"
    assert ops["greet/deployment"] == "update"
    assert "work-pool/process/pool" not in ops
    file.write_text(SECOND_FLOW)


def test_a_wrong_passphrase_touches_nothing(project):
    """Secrets under another passphrase: one error before anything happens, the state as it was."""
    state = state_file(project).read_bytes()

    answer = project.run("up", "my_flow", "--yes", PULUMI_CONFIG_PASSPHRASE="wrong")

    assert answer.code == 1
    assert answer.stderr.count("error MP") == 1
    assert "MP4301" in answer.stderr
    assert state_file(project).read_bytes() == state


def test_a_locked_stack_is_left_alone(project):
    """Somebody else's operation is named, and the command ends with the code for a lock."""
    locks = project.folder / ".meta_prefect/state/.pulumi/locks/organization/shop/dev"
    locks.mkdir(parents=True, exist_ok=True)
    holder = {"pid": 1, "username": "ann", "hostname": "other", "timestamp": "2026-01-01T00:00:00Z"}
    lock = locks / "00000000-0000-4000-8000-000000000000.json"
    lock.write_text(json.dumps(holder))

    answer = project.run("up", "my_flow", "--yes")
    lock.unlink()

    assert answer.code == 10
    assert "MP4201" in answer.stderr
    assert "ann@other" in answer.stderr


def test_destroying_one_flow_leaves_the_other_working(project):
    """What is shared stays as long as a flow needs it, and the command says so."""
    answer = project.succeed("destroy", "greet", "--yes")

    with api(project) as client:
        left = {item["name"] for item in client.post("/deployments/filter", json={}).json()}
        names = {item["name"] for item in client.post("/flows/filter", json={}).json()}
    assert "shared with my_flow" in answer.stdout + answer.stderr
    assert left == {"dev"}
    assert "Greeting" in names
    assert project.succeed("run", "my_flow", "-p", "x=3", "-p", "y=2").stdout.strip() == "5"


def test_destroy_leaves_nothing_running(project):
    """Without its last flow the stack is empty, no process is left, and the data are named."""
    answer = project.succeed("destroy", "my_flow", "--yes")
    project.succeed("destroy", "--all", "--yes")

    assert str(project.folder / ".meta_prefect" / "prefect") in answer.stdout + answer.stderr
    assert resources(project) == {}
    assert list_processes(project.folder) == []
