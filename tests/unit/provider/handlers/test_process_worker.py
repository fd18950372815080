"""The local worker's handler, with an interpreter whose worker starts within milliseconds."""

import asyncio
import json
import os
import signal
import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import httpx
import pytest

from meta_prefect.interfaces.provider import (
    Changes,
    ConfigureRequest,
    CreateRequest,
    ProviderError,
    UpdateRequest,
)
from meta_prefect.interfaces.values import UNKNOWN
from meta_prefect.provider.processes import (
    ProcessIdentity,
    find_by_token,
    has_processes,
    is_running,
    stop_tree,
)
from meta_prefect.provider.provider import PrefectProvider
from tests.support.fake_python import write_fake_python
from tests.support.provider_bench import Bench, urn_of
from tests.support.waiting import wait_until

WORKER = "prefect:local:ProcessWorker"
URL = "http://127.0.0.1:1/api"


class Workers:
    """
    The API as far as a worker's handler asks it; a worker polls at once.

    age: of a heartbeat when it is asked for; None: the row never changes.
    """

    def __init__(self):
        self.age = timedelta()
        self.deleted = []

    def answer(self, request):
        """Answer a request."""
        path = request.url.path.removeprefix("/api")
        match request.method, path:
            case "GET", "/admin/version":
                return httpx.Response(200, json="3.8.8")
            case "POST", "/work_pools/pool/workers/filter":
                return httpx.Response(200, json=[self._row()])
            case "DELETE", _:
                self.deleted.append(path)
                return httpx.Response(204)
        return httpx.Response(404, json={"detail": "Work pool not found"})

    def _row(self):
        heartbeat = datetime(2026, 1, 1, tzinfo=UTC)
        if self.age is not None:
            heartbeat = datetime.now(UTC) - self.age
        return {"id": "w-1", "name": "w", "last_heartbeat_time": heartbeat.isoformat()}


class Place:
    """A bench on this machine with the inputs of a worker."""

    def __init__(self, folder):
        self.home = folder / "home"
        self.inputs = {
            "workPoolName": "pool",
            "name": "w",
            "home": str(self.home),
            "workingDirectory": str(folder),
            "python": write_fake_python(folder),
            "drainSeconds": 1,
        }
        self.api = Workers()
        self.record = self.home / "run" / "worker-w.json"
        self.bench = Bench(self.provider(folder))

    def provider(self, folder):
        """Make a provider on the fake API."""
        return PrefectProvider(
            self._log,
            environment={"PREFECT_HOME": str(folder)},
            transport=httpx.MockTransport(self.api.answer),
        )

    def _log(self, severity, urn, text):
        self.bench.messages.append((severity.value, urn, text))

    @property
    def said(self):
        """All that the provider said."""
        return [text for _, _, text in self.bench.messages]

    @property
    def note(self):
        """Arguments, folder and environment of the last start."""
        return json.loads((self.home / "worker.json").read_text())

    async def create(self, **inputs):
        """Make the worker, and wait until it has said how it was started."""
        made = await self.bench.create(WORKER, {**self.inputs, **inputs})
        wait_until((self.home / "worker.json").exists)
        return made

    async def end(self):
        """Leave no process behind."""
        if self.record.exists():
            process = json.loads(self.record.read_text())["process"]
            await stop_tree(ProcessIdentity(**process), 0.1)


def run(folder, test):
    """Run a coroutine function with a place, and leave no process behind."""

    async def with_place():
        place = Place(folder)
        await place.bench.provider.configure(ConfigureRequest({"apiUrl": URL}))
        try:
            await test(place)
        finally:
            await place.end()

    asyncio.run(with_place())


def identity_of(worker):
    return ProcessIdentity.from_outputs(worker.outputs)


def kill(worker):
    """Kill a worker, not its runs, and wait until it is gone."""
    os.kill(worker.outputs["pid"], signal.SIGKILL)
    wait_until(lambda: not is_running(identity_of(worker)))


def test_created_worker_runs(tmp_path):
    """A create starts the worker with the pool's name and gives process, row and log."""

    async def test(place):
        worker = await place.create(limit=3, workQueues=["b", "a"])

        assert is_running(identity_of(worker))
        assert worker.outputs["workerId"] == "w-1"
        assert worker.outputs["apiUrl"] == URL
        assert " ".join(place.note["arguments"]) == (
            "worker start --pool pool --name w --type process --install-policy never "
            "--no-create-pool-if-not-found --limit 3 --work-queue a --work-queue b"
        )

    run(tmp_path, test)


def test_living_worker_is_unchanged(tmp_path):
    """A worker that runs with the same inputs shows no change, and a refresh finds no drift."""

    async def test(place):
        worker = await place.create()

        assert (await place.bench.diff(worker, place.inputs)).changes is Changes.NONE
        assert await place.bench.refresh(worker) == worker
        assert place.said == []

    run(tmp_path, test)


def test_dead_worker_starts_again(tmp_path):
    """A killed worker shows in a plain diff, and an update starts it with the same id."""

    async def test(place):
        worker = await place.create()
        kill(worker)

        diff = await place.bench.diff(worker, place.inputs)
        again = await place.bench.update(worker, place.inputs)

        assert diff.diffs == ("pid",)
        assert not diff.replaces
        assert is_running(identity_of(again))
        assert again.id == worker.id
        assert place.said == ["worker 'w' was not running any more; started again"]

    run(tmp_path, test)


def test_refresh_tells_a_dead_worker(tmp_path):
    """A refresh keeps a killed worker's id and gives it no process."""

    async def test(place):
        worker = await place.create()
        kill(worker)

        found = await place.bench.refresh(worker)

        assert (found.id, found.outputs["pid"]) == (worker.id, 0)

    run(tmp_path, test)


def test_refresh_tells_a_worker_that_does_not_poll(tmp_path):
    """A worker without heartbeats is told, but not taken for dead."""

    async def test(place):
        worker = await place.create()
        place.api.age = timedelta(seconds=91)

        found = await place.bench.refresh(worker)

        assert found.outputs["pid"] == worker.outputs["pid"]
        assert place.said[0].startswith("worker 'w' runs but does not poll")

    run(tmp_path, test)


def test_other_api_restarts(tmp_path):
    """A worker that polls another API than the provider speaks to is an update."""

    async def test(place):
        worker = await place.create()
        moved = replace(worker, outputs={**worker.outputs, "apiUrl": "http://127.0.0.1:2/api"})

        diff = await place.bench.diff(moved, place.inputs)
        again = await place.bench.update(moved, place.inputs)

        assert diff.diffs == ("apiUrl",)
        assert again.outputs["apiUrl"] == URL
        assert not is_running(identity_of(worker))

    run(tmp_path, test)


def test_unknown_api_shows_no_change(tmp_path):
    """A preview in which the API's URL is not known yet sees no change of a living worker."""

    async def test(place):
        worker = await place.create()
        other = Bench(place.provider(tmp_path))
        await other.provider.configure(ConfigureRequest({"apiUrl": UNKNOWN}))

        assert (await other.diff(worker, place.inputs)).changes is Changes.NONE

    run(tmp_path, test)


def test_restart_drains_first(tmp_path):
    """A changed input stops the old worker before the new one starts: two never run."""

    async def test(place):
        worker = await place.create()

        again = await place.bench.update(worker, {**place.inputs, "limit": 2})

        assert not has_processes(identity_of(worker))
        assert is_running(identity_of(again))
        assert place.said == ["worker 'w' was started again, as limit changed"]

    run(tmp_path, test)


def test_preview_of_restart_knows_no_process(tmp_path):
    """A previewed restart keeps row and log, and does not know the process."""

    async def test(place):
        worker = await place.create()
        news = await place.bench.check(worker.urn, {**place.inputs, "limit": 2})
        request = UpdateRequest(
            worker.id, worker.urn, worker.inputs, worker.outputs, news, preview=True
        )

        foreseen = await place.bench.provider.update(request)

        assert foreseen["pid"] is UNKNOWN
        assert foreseen["workerId"] == "w-1"

    run(tmp_path, test)


def test_changed_drain_does_not_restart(tmp_path):
    """What only steers the provider is stored without touching the process."""

    async def test(place):
        worker = await place.create()

        again = await place.bench.update(worker, {**place.inputs, "drainSeconds": 2})

        assert again.outputs["pid"] == worker.outputs["pid"]

    run(tmp_path, test)


def test_lost_create_is_taken_over(tmp_path):
    """A create after one whose answer was lost takes the running worker over."""

    async def test(place):
        lost = await place.create()
        record = json.loads(place.record.read_text())
        record["process"] |= {"pid": 0, "start_time": ""}
        place.record.write_text(json.dumps(record))

        found = await place.create()

        assert found.outputs["pid"] == lost.outputs["pid"]
        assert json.loads(place.record.read_text())["process"]["pid"] == lost.outputs["pid"]

    run(tmp_path, test)


def test_lost_create_is_found_by_natural_key(tmp_path):
    """An engine that asks what became of a create is given the running worker."""

    async def test(place):
        lost = await place.create()

        found = await place.bench.provider.find_created(lost.urn, lost.inputs)

        assert found.id == lost.id

    run(tmp_path, test)


def test_other_settings_replace_what_runs(tmp_path):
    """A create that finds a worker of its name with other settings stops it."""

    async def test(place):
        lost = await place.create()

        found = await place.create(limit=2)

        assert not is_running(identity_of(lost))
        assert is_running(identity_of(found))

    run(tmp_path, test)


def test_name_of_another_stack_is_refused(tmp_path):
    """A worker of this name that another stack runs is left alone."""

    async def test(place):
        worker = await place.create()
        urn = urn_of(WORKER, "it", "prod")
        inputs = await place.bench.check(urn, place.inputs)

        with pytest.raises(ProviderError, match="stack dev of project project"):
            await place.bench.provider.create(CreateRequest(urn, inputs))
        assert is_running(identity_of(worker))

    run(tmp_path, test)


def test_worker_that_ends_is_explained(tmp_path):
    """A worker that ends before it polls is explained by its log, and leaves no record."""

    async def test(place):
        place.api.age = None
        with pytest.raises(ProviderError, match=r"ended at its start.*\n.*nobody knows this one"):
            await place.bench.create(WORKER, {**place.inputs, "env": {"PREFECT_FAKE": "riddle"}})

        assert not place.record.exists()

    run(tmp_path, test)


def test_missing_pool_is_an_error_at_once(tmp_path):
    """A pool that is not there is told before a worker waits for it in vain."""

    async def test(place):
        with pytest.raises(ProviderError, match="Work pool not found"):
            await place.bench.create(WORKER, {**place.inputs, "workPoolName": "none"})

        assert not place.record.exists()

    run(tmp_path, test)


def test_environment_is_clean(tmp_path, monkeypatch):
    """A worker's runs see no Prefect or Pulumi settings and no cloud keys but what `env` gives."""
    for name in ("PREFECT_API_KEY", "PULUMI_CONFIG_PASSPHRASE", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "of the caller")
    monkeypatch.setenv("MY_SETTING", "kept")

    async def test(place):
        await place.create(env={"AWS_ACCESS_KEY_ID": "given"})

        environment = place.note["environment"]
        assert "of the caller" not in environment.values()
        assert environment["MY_SETTING"] == "kept"
        assert environment["AWS_ACCESS_KEY_ID"] == "given"
        assert environment["PREFECT_API_URL"] == URL
        assert environment["PREFECT_WORKER_QUERY_SECONDS"] == "2"
        assert "127.0.0.1" in environment["NO_PROXY"]
        assert place.note["folder"] == str(tmp_path)

    run(tmp_path, test)


def test_delete_drains_and_forgets(tmp_path):
    """Deleting stops the worker and takes its row away; once more is no error."""

    async def test(place):
        worker = await place.create()

        await place.bench.delete(worker)
        await place.bench.delete(worker)

        assert not has_processes(identity_of(worker))
        assert not place.record.exists()
        assert place.api.deleted[0] == "/work_pools/pool/workers/w"

    run(tmp_path, test)


def test_run_that_does_not_end_is_killed(tmp_path):
    """A run that outlasts the drain time is killed with its worker, and that is said."""

    async def test(place):
        worker = await place.create(env={"PREFECT_FAKE": "busy"})
        begin = time.monotonic()

        await place.bench.delete(worker)

        assert time.monotonic() - begin >= 1
        assert find_by_token(worker.outputs["token"]) is None
        assert place.said == ["1 processes of runs did not end within 1 s and were killed"]

    run(tmp_path, test)


def test_run_of_a_dead_worker_is_found(tmp_path):
    """A run whose worker was killed is drained before the next worker starts."""

    async def test(place):
        worker = await place.create(env={"PREFECT_FAKE": "busy"})
        kill(worker)
        left = has_processes(identity_of(worker))

        await place.bench.update(worker, place.inputs)

        assert left
        assert not has_processes(identity_of(worker))

    run(tmp_path, test)


@pytest.mark.parametrize(
    ("inputs", "property", "reason"),
    [
        ({"limit": 0}, "limit", "1 or more"),
        ({"name": "a/b"}, "name", "must not contain"),
        ({"querySeconds": 0}, "querySeconds", "above 0"),
        ({"env": {"PREFECT_API_URL": "x"}}, "env.PREFECT_API_URL", "apiUrl"),
        ({"python": "/no/such/python"}, "python", "no Python"),
    ],
)
def test_wrong_input_is_refused(tmp_path, inputs, property, reason):
    """An input that cannot work is refused before anything is started, and named."""

    async def test(place):
        failures = await place.bench.failures(WORKER, {**place.inputs, **inputs})

        assert list(failures) == [property]
        assert reason in failures[property]

    run(tmp_path, test)


def test_name_tells_stack_and_host(tmp_path, monkeypatch):
    """A worker without a name gets one that two stacks or hosts do not share."""
    monkeypatch.chdir(tmp_path)

    async def test(place):
        urn = urn_of(WORKER, "worker/local")
        inputs = await place.bench.check(urn, {"workPoolName": "pool"})

        assert inputs["name"].startswith("worker-local-dev-")
        assert inputs["home"] == str(tmp_path / ".meta_prefect" / "prefect")

    run(tmp_path, test)
