"""
A real Prefect server and a real worker as background processes, with one life for all tests.

The tests stand in the order of that life and share its state: a server takes seconds to start.
"""

import asyncio
import contextlib
import os
import signal
import sqlite3

import pytest

from meta_prefect.interfaces.provider import Changes, ConfigureRequest, CreateRequest, ProviderError
from meta_prefect.provider.processes import (
    ProcessIdentity,
    find_by_token,
    has_processes,
    is_running,
    stop_tree,
)
from meta_prefect.provider.provider import PrefectProvider
from tests.support.by_hand import connect
from tests.support.plugin_bench import plugin_bench
from tests.support.prefect_cli import run_prefect
from tests.support.provider_bench import Bench, urn_of
from tests.support.waiting import wait_until

pytestmark = pytest.mark.e2e

SERVER = "prefect:local:Server"
WORKER = "prefect:local:ProcessWorker"
POOL = "prefect:index:WorkPool"
FLOW = """
import time
from pathlib import Path

import meta_prefect
from prefect import flow


@flow
def wait(seconds: int, mark: str) -> None:
    Path(mark).write_text("begun")
    time.sleep(seconds)
    Path(mark).write_text("done")
"""
PROJECT = """
deployments:
  - {name: first, entrypoint: "flows.py:wait", work_pool: {name: local}}
  - {name: second, entrypoint: "flows.py:wait", work_pool: {name: local}}
"""


class Life:
    """A server and a worker with a pool; every method blocks, as a command does."""

    def __init__(self, folder):
        self.folder = folder
        self.server_inputs = {"home": str(folder / "home"), "ui": False}
        self.worker_inputs = {
            "workPoolName": "local",
            "home": str(folder / "home"),
            "workingDirectory": str(folder),
            "drainSeconds": 40,
        }
        self.server = None
        self.worker = None
        self.tokens = []
        self.said = []

    def act(self, work):
        """Do something with a bench for the server and one for its API, in a loop of its own."""

        async def with_benches():
            here, api = self._bench(), self._bench()
            url = {"apiUrl": self.server.outputs["url"]} if self.server else {}
            await here.provider.configure(ConfigureRequest({}))
            await api.provider.configure(ConfigureRequest(url))
            try:
                return await work(here, api)
            finally:
                await here.provider.close()
                await api.provider.close()

        return asyncio.run(with_benches())

    def _bench(self):
        return Bench(PrefectProvider(self._log, environment={"PREFECT_HOME": "/nonexistent"}))

    def _log(self, severity, urn, text):
        self.said.append(text)

    def keep(self, server=None, worker=None):
        """Keep new states, and all tokens for the end."""
        self.server, self.worker = server or self.server, worker or self.worker
        self.tokens += [item.outputs["token"] for item in (server, worker) if item]

    def request(self, method, path, body=None):
        """Ask the API."""
        with connect(self.server.outputs["url"]) as client:
            return client.request(method, path, json=body).raise_for_status().json()


@pytest.fixture(scope="module")
def life(tmp_path_factory):
    """One life; nothing of it is left behind."""
    life = Life(tmp_path_factory.mktemp("life"))
    (life.folder / "flows.py").write_text(FLOW)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(life.folder / "cache"))
        yield life
    for token in life.tokens:
        asyncio.run(stop_tree(find_by_token(token) or ProcessIdentity(0, "", token), 0))


def identity_of(thing):
    return ProcessIdentity.from_outputs(thing.outputs)


def start_run(life, seconds, mark):
    """Start a run of the flow by a deployment on the pool; gives its id."""
    flow = life.request("POST", "/flows/", {"name": "wait"})
    deployment = life.request(
        "POST",
        "/deployments/",
        {
            "name": "it",
            "flow_id": flow["id"],
            "work_pool_name": "local",
            "entrypoint": "flows.py:wait",
            "path": str(life.folder),
        },
    )
    parameters = {"seconds": seconds, "mark": str(mark)}
    path = f"/deployments/{deployment['id']}/create_flow_run"
    return life.request("POST", path, {"parameters": parameters})["id"]


def state_of(life, run):
    return life.request("GET", f"/flow_runs/{run}")["state"]["type"]


def change_database(path, statement):
    """Run a statement on a database; gives its first row."""
    with contextlib.closing(sqlite3.connect(path)) as database:
        row = database.execute(statement).fetchone()
        database.commit()
    return row


def test_server_starts(life):
    """A server comes up in a new home, answers, and shows no change afterwards."""

    async def work(here, _):
        server = await here.create(SERVER, life.server_inputs)
        return server, await here.diff(server, life.server_inputs), await here.refresh(server)

    server, diff, found = life.act(work)
    life.keep(server=server)

    assert life.request("GET", "/admin/version") == server.outputs["version"]
    assert diff.changes is Changes.NONE
    assert found == server


def test_home_is_not_shared_with_another_stack(life):
    """Another stack that wants the same home is told whose it is."""

    async def work(here, _):
        urn = urn_of(SERVER, "it", "prod")
        await here.provider.create(CreateRequest(urn, await here.check(urn, life.server_inputs)))

    with pytest.raises(ProviderError, match="stack dev of project project"):
        life.act(work)


def test_worker_starts(life):
    """A worker comes up on a pool, and shows no change afterwards."""

    async def work(_, api):
        await api.create(POOL, {"name": "local", "type": "process"})
        worker = await api.create(WORKER, life.worker_inputs)
        return worker, await api.diff(worker, life.worker_inputs), await api.refresh(worker)

    worker, diff, found = life.act(work)
    life.keep(worker=worker)

    (row,) = life.request("POST", "/work_pools/local/workers/filter", {})
    assert row["id"] == worker.outputs["workerId"]
    assert diff.changes is Changes.NONE
    assert found == worker


def test_worker_runs_a_flow(life):
    """A run on the pool finds its flow file and this package, and completes."""
    mark = life.folder / "first"

    run = start_run(life, 0, mark)
    wait_until(lambda: state_of(life, run) == "COMPLETED", 60)

    assert mark.read_text() == "done"


def test_prefect_deploys_a_project(life):
    """Prefect's own `deploy --all` makes all that a prefect.yaml says on such a server."""
    (life.folder / "prefect.yaml").write_text(PROJECT)

    run_prefect(life.folder, life.server.outputs["url"], "deploy", "--all")

    found = life.request("POST", "/deployments/filter", {})
    assert {"first", "second"} <= {row["name"] for row in found}


def test_lost_creates_are_taken_over(life):
    """Creates whose answers were lost find the living processes and start no second ones."""

    async def work(here, api):
        return (
            await here.create(SERVER, life.server_inputs),
            await api.create(WORKER, life.worker_inputs),
        )

    server, worker = life.act(work)

    assert server.outputs["pid"] == life.server.outputs["pid"]
    assert worker.outputs["pid"] == life.worker.outputs["pid"]


def test_run_in_flight_survives_a_restart_of_the_worker(life):
    """A restarted worker lets the run that it has finish before the next one begins."""
    mark = life.folder / "second"
    run = start_run(life, 10, mark)
    wait_until(mark.exists, 60)

    async def work(_, api):
        return await api.update(life.worker, {**life.worker_inputs, "limit": 5})

    old = life.worker
    life.keep(worker=life.act(work))

    assert mark.read_text() == "done"
    assert state_of(life, run) == "COMPLETED"
    assert not has_processes(identity_of(old))


def test_killed_processes_are_found_and_started_again(life):
    """After a kill of both, a plain diff shows it, and updates bring both back as they were."""
    inputs = {**life.worker_inputs, "limit": 5}
    for thing in (life.server, life.worker):
        os.kill(thing.outputs["pid"], signal.SIGKILL)
        wait_until(lambda thing=thing: not is_running(identity_of(thing)))

    async def work(here, api):
        diffs = [
            (await here.diff(life.server, life.server_inputs)).diffs,
            (await api.diff(life.worker, inputs)).diffs,
        ]
        server = await here.update(life.server, life.server_inputs)
        return diffs, server, await api.update(life.worker, inputs)

    before = life.server
    diffs, server, worker = life.act(work)
    life.keep(server=server, worker=worker)

    assert diffs == [("pid",), ("pid",)]
    assert server.id == before.id
    assert server.outputs["url"] == before.outputs["url"]
    (row,) = life.request("POST", "/work_pools/local/workers/filter", {})
    assert row["id"] == worker.outputs["workerId"]


def test_processes_survive_the_end_of_their_session(life):
    """Processes belong to no terminal and no group that ends with a command."""
    for thing in (life.server, life.worker):
        pid = thing.outputs["pid"]

        assert os.getsid(pid) == os.getpgid(pid) == pid


def test_deletes_leave_no_process(life):
    """Deleting worker and server ends every process of theirs and keeps the data."""

    async def work(here, api):
        await api.delete(life.worker)
        rows = life.request("POST", "/work_pools/local/workers/filter", {})
        await here.delete(life.server)
        return rows

    rows = life.act(work)

    assert rows == []
    assert [find_by_token(token) for token in life.tokens] == [None] * len(life.tokens)
    assert (life.folder / "home" / "prefect.db").exists()
    assert not (life.folder / "home" / "owner.lock").exists()


def test_next_home_starts_from_the_template(life):
    """A server in another new home starts with a copy of the first one's fresh database."""
    (template,) = (life.folder / "cache" / "meta-prefect").iterdir()
    change_database(template, "PRAGMA user_version = 77")

    async def work(here, _):
        inputs = {"home": str(life.folder / "next"), "ui": False, "deleteData": True}
        server = await here.create(SERVER, inputs)
        life.keep(server=server)
        flows = life.request("POST", "/flows/count", {})
        blocks = life.request("POST", "/block_types/filter", {})
        mark = change_database(life.folder / "next" / "prefect.db", "PRAGMA user_version")
        await here.delete(server)
        return mark, flows, blocks

    life.server = None
    mark, flows, blocks = life.act(work)

    assert mark == (77,)
    assert flows == 0
    assert "secret" in [block["slug"] for block in blocks]
    assert not (life.folder / "next").exists()


def test_server_outlives_the_plugin_that_started_it(life):
    """The executable starts a server and ends; another one finds it as it was, and ends it."""
    inputs = {"home": str(life.folder / "plugged"), "ui": False, "deleteData": True}
    environment = {"XDG_CACHE_HOME": str(life.folder / "cache")}

    async def work():
        async with plugin_bench("", life.folder, **environment) as first:
            made = await first.create(SERVER, inputs)
            life.keep(server=made)
        async with plugin_bench("", life.folder, **environment) as second:
            seen = await second.refresh(made), await second.diff(made, inputs)
            version = life.request("GET", "/admin/version")
            await second.delete(made)
        return made, *seen, version

    made, found, diff, version = asyncio.run(work())

    assert found == made
    assert diff.changes is Changes.NONE
    assert made.outputs["version"] == version
    assert not has_processes(identity_of(made))


def test_newer_database_is_explained(life):
    """A home whose database comes from a later Prefect is refused with that reason."""
    database = life.folder / "home" / "prefect.db"
    change_database(database, "UPDATE alembic_version SET version_num = 'ffffffffffff'")

    async def work(here, _):
        await here.create(SERVER, life.server_inputs)

    life.server = None
    with pytest.raises(ProviderError, match="written by a newer Prefect"):
        life.act(work)
