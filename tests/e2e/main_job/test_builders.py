"""All builders of the catalogue on one flow, on a real server: each has its effect there."""

import os

import pytest

from tests.support.builder_cases import CASES, POOLS, Seen, build_flow_file
from tests.support.by_hand import connect
from tests.support.command import CommandLine
from tests.support.processes import end_processes

pytestmark = pytest.mark.e2e

VARIABLES = {"CASES_URL": "https://example.com/hook", "META_PREFECT__TAGS": "from-outside"}


@pytest.fixture(scope="module")
def server(prefect_server):
    """The server, with a pool of each type that somebody else manages."""
    with connect(prefect_server.url) as client:
        for kind in POOLS:
            client.post("/work_pools/", json={"name": f"cases-{kind}", "type": kind})
        yield client


@pytest.fixture(scope="module")
def command(tmp_path_factory, prefect_server, server):
    """The flow with all builders is up; a second `up` finds nothing but a value that is kept."""
    folder = tmp_path_factory.mktemp("cases") / "cases"
    folder.mkdir()
    (folder / "pyproject.toml").write_text('[project]\nname = "cases"\nversion = "1"\n')
    (folder / "everything.py").write_text(build_flow_file())
    path = f"{write_docker(folder.parent / 'bin')}{os.pathsep}{os.environ['PATH']}"
    environment = {"PREFECT_API_URL": prefect_server.url, "PATH": path, **VARIABLES}
    command = CommandLine(folder, folder.parent / "home", environment)
    try:
        command.succeed("up", "everything", "--yes", CASES_TAG="first")
        command.succeed("up", "everything", "--yes", "--expect-no-changes", CASES_TAG="second")
        yield command
    finally:
        command.run("destroy", "--all", "--yes", CASES_TAG="second")
        end_processes(folder)


def write_docker(folder):
    """Stand in for Docker: every image is in its registry already."""
    folder.mkdir()
    docker = folder / "docker"
    docker.write_text("#!/bin/sh\nexit 0\n")
    docker.chmod(0o755)
    return folder


@pytest.fixture(scope="module")
def rows(server, command):
    """The deployments of the flow, by the case that each is for."""
    found = server.post("/deployments/filter", json={}).json()
    flow = server.get("/flows/name/everything").json()
    names = {case.name or case.builder: case.builder for case in CASES}
    return {
        names[row["name"].removesuffix("-dev").partition("-of-")[0]]: row
        for row in found
        if row["flow_id"] == flow["id"]
    }


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.builder)
def test_each_builder_has_its_effect_in_prefect(case, command, server, rows):
    """What the case says holds of the deployment and of what belongs to it."""
    row = rows[case.builder]
    run = None
    if case.runs:
        selector = f"everything/{case.name or case.builder}"
        run = command.succeed("run", selector, "--json").document["value"]

    seen = Seen(
        row=row,
        automations=read_automations(server, f"everything/{row['name']}: "),
        documents=read_documents(server),
        workers=read_workers(server, row["work_pool_name"]),
        run=run,
    )

    assert case.holds(seen), seen


def read_automations(server, start):
    """Give the automations whose names begin like this."""
    found = server.post("/automations/filter", json={}).json()
    return [item for item in found if item["name"].startswith(start)]


def read_documents(server):
    """Give the blocks with their secrets, by id."""
    found = server.post("/block_documents/filter", json={"include_secrets": True}).json()
    return {item["id"]: item for item in found}


def read_workers(server, pool):
    """Give the names of a pool's workers."""
    found = server.post(f"/work_pools/{pool}/workers/filter", json={}).json()
    return [item["name"] for item in found]
