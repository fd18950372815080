"""The local server's handler, with an interpreter whose server starts within milliseconds."""

import asyncio
import json
import os
import signal
import socket
from dataclasses import replace

import httpx
import pytest

from meta_prefect.interfaces.events import DiffKind, PropertyDiff
from meta_prefect.interfaces.provider import (
    Changes,
    ConfigureRequest,
    CreateRequest,
    ProviderError,
    UpdateRequest,
)
from meta_prefect.interfaces.values import UNKNOWN
from meta_prefect.provider.processes import ProcessIdentity, is_running, stop_tree
from meta_prefect.provider.provider import PrefectProvider
from tests.support.fake_python import write_fake_python
from tests.support.provider_bench import Bench, urn_of

SERVER = "prefect:local:Server"


class Place:
    """A bench on this machine, the inputs of a server, and all servers made with it."""

    def __init__(self, folder):
        self.home = folder / "home"
        self.inputs = {"home": str(self.home), "python": write_fake_python(folder)}
        self.bench = Bench(PrefectProvider(self._log, environment={"PREFECT_HOME": str(folder)}))
        self.lock = self.home / "owner.lock"

    def _log(self, severity, urn, text):
        self.bench.messages.append((severity.value, urn, text))

    @property
    def said(self):
        """All that the provider said."""
        return [text for _, _, text in self.bench.messages]

    @property
    def note(self):
        """Arguments, folder and environment of the last start."""
        return json.loads((self.home / "server.json").read_text())

    async def create(self, **inputs):
        """Make the server."""
        return await self.bench.create(SERVER, {**self.inputs, **inputs}, "local")

    async def create_for(self, stack, **inputs):
        """Make the server for another stack."""
        urn = urn_of(SERVER, "local", stack)
        checked = await self.bench.check(urn, {**self.inputs, **inputs})
        return await self.bench.provider.create(CreateRequest(urn, checked))

    async def end(self):
        """Leave no process behind."""
        if self.lock.exists():
            process = json.loads(self.lock.read_text())["process"]
            await stop_tree(ProcessIdentity(**process), 1)


def run(folder, test):
    """Run a coroutine function with a place, and leave no process behind."""

    async def with_place():
        place = Place(folder)
        await place.bench.provider.configure(ConfigureRequest({}))
        try:
            await test(place)
        finally:
            await place.end()

    asyncio.run(with_place())


def identity_of(server):
    return ProcessIdentity.from_outputs(server.outputs)


async def kill(server):
    """Kill a server as a user or the system might, and wait until it is gone."""
    os.kill(server.outputs["pid"], signal.SIGKILL)
    await stop_tree(identity_of(server), 5)


def is_ready(url):
    """Ask the server."""
    return httpx.get(f"{url}/ready").is_success


def test_created_server_answers(tmp_path):
    """A create gives the URL of a server that is ready, with the process that serves it."""

    async def test(place):
        server = await place.create()

        assert is_ready(server.outputs["url"])
        assert is_running(identity_of(server))
        assert server.id == server.outputs["token"]
        assert server.outputs["version"] == "3.8.8"
        assert server.outputs["uiUrl"] == f"http://127.0.0.1:{server.outputs['port']}"

    run(tmp_path, test)


def test_living_server_is_unchanged(tmp_path):
    """A server that runs with the same inputs shows no change, and a refresh finds no drift."""

    async def test(place):
        server = await place.create()

        assert (await place.bench.diff(server, place.inputs)).changes is Changes.NONE
        assert await place.bench.refresh(server) == server

    run(tmp_path, test)


def test_dead_server_is_an_update(tmp_path):
    """A killed server shows in a plain diff, as an update of an output and not a replacement."""

    async def test(place):
        server = await place.create()
        await kill(server)

        diff = await place.bench.diff(server, place.inputs)

        assert diff.changes is Changes.SOME
        assert diff.replaces == ()
        assert diff.detailed_diff == {"pid": PropertyDiff(DiffKind.UPDATE, input_diff=False)}

    run(tmp_path, test)


def test_dead_server_starts_again(tmp_path):
    """An update of a killed server starts it with the same home, port and id, and says why."""

    async def test(place):
        server = await place.create()
        await kill(server)

        again = await place.bench.update(server, place.inputs)

        assert is_running(identity_of(again))
        assert again.id == server.id
        assert again.outputs["url"] == server.outputs["url"]
        assert again.outputs["token"] != server.outputs["token"]
        assert place.said == ["server was not running any more; started again"]

    run(tmp_path, test)


def test_refresh_tells_a_dead_server(tmp_path):
    """A refresh keeps a killed server's id and gives it no process, so that the next up repairs."""

    async def test(place):
        server = await place.create()
        await kill(server)

        found = await place.bench.refresh(server)

        assert found.id == server.id
        assert found.outputs["pid"] == 0
        assert (await place.bench.diff(found, place.inputs)).diffs == ("pid",)

    run(tmp_path, test)


def test_forged_number_is_not_believed(tmp_path):
    """A living process of another token is not taken for the server."""

    async def test(place):
        server = await place.create()
        forged = replace(server, outputs={**server.outputs, "pid": os.getpid()})

        assert (await place.bench.diff(forged, place.inputs)).diffs == ("pid",)

    run(tmp_path, test)


def test_preview_of_restart_keeps_the_url(tmp_path):
    """A previewed restart knows where the server will answer, and not as which process."""

    async def test(place):
        server = await place.create()
        await kill(server)
        request = UpdateRequest(
            server.id, server.urn, server.inputs, server.outputs, server.inputs, preview=True
        )

        foreseen = await place.bench.provider.update(request)

        assert foreseen["url"] == server.outputs["url"]
        assert foreseen["pid"] is UNKNOWN

    run(tmp_path, test)


def test_preview_of_create_knows_nothing(tmp_path):
    """A previewed create starts nothing and has no URL yet."""

    async def test(place):
        urn = urn_of(SERVER, "local")
        inputs = await place.bench.check(urn, place.inputs)

        foreseen = await place.bench.provider.create(CreateRequest(urn, inputs, preview=True))

        assert foreseen.properties["url"] is UNKNOWN
        assert not place.home.exists()

    run(tmp_path, test)


def test_lost_create_is_taken_over(tmp_path):
    """A create after one whose answer was lost takes the running server over."""

    async def test(place):
        lost = await place.create()

        found = await place.create()

        assert found.outputs["pid"] == lost.outputs["pid"]

    run(tmp_path, test)


def test_unrecorded_start_is_taken_over(tmp_path):
    """A server whose start was cut off before its number was recorded is found by its token."""

    async def test(place):
        lost = await place.create()
        record = json.loads(place.lock.read_text())
        record["process"] |= {"pid": 0, "start_time": ""}
        place.lock.write_text(json.dumps(record))

        found = await place.create()

        assert found.outputs["pid"] == lost.outputs["pid"]

    run(tmp_path, test)


def test_lost_create_is_found_by_natural_key(tmp_path):
    """An engine that asks what became of a create is given the running server."""

    async def test(place):
        lost = await place.create()

        found = await place.bench.provider.find_created(lost.urn, lost.inputs)

        assert found.id == lost.id

    run(tmp_path, test)


def test_no_server_is_surely_not_there(tmp_path):
    """An engine that asks about a create that never began is told so."""

    async def test(place):
        urn = urn_of(SERVER, "local")
        inputs = await place.bench.check(urn, place.inputs)

        found = await place.bench.provider.find_created(urn, inputs)

        assert found.id == ""

    run(tmp_path, test)


def test_other_settings_replace_what_runs(tmp_path):
    """A create that finds its own server with other settings stops it: two never run."""

    async def test(place):
        lost = await place.create()

        found = await place.create(settings={"PREFECT_SERVER_LOGGING_LEVEL": "DEBUG"})

        assert not is_running(identity_of(lost))
        assert is_running(identity_of(found))

    run(tmp_path, test)


def test_home_of_another_stack_is_refused(tmp_path):
    """A home whose server another stack runs is refused, with its name and the way to share."""

    async def test(place):
        server = await place.create()

        with pytest.raises(ProviderError, match=r"stack dev of project project .*PREFECT_API_URL"):
            await place.create_for("prod")
        assert is_running(identity_of(server))

    run(tmp_path, test)


def test_dead_owner_binds_nobody(tmp_path):
    """A home whose server is dead is taken over by another stack."""

    async def test(place):
        await kill(await place.create())

        made = await place.create_for("prod")

        assert is_ready(made.properties["url"])

    run(tmp_path, test)


def test_owner_that_lost_its_home_leaves_the_heir_alone(tmp_path):
    """Deleting a server whose home was taken over after its death stops nothing of the heir's."""

    async def test(place):
        server = await place.create(deleteData=True)
        await kill(server)
        heir = await place.create_for("prod")

        await place.bench.delete(server)

        assert is_running(ProcessIdentity.from_outputs(heir.properties))
        assert place.lock.exists()

    run(tmp_path, test)


def test_taken_automatic_port_is_drawn_again(tmp_path):
    """A restart that finds its automatic port taken goes to another one and says so."""

    async def test(place):
        server = await place.create()
        await kill(server)
        with socket.create_server(("127.0.0.1", server.outputs["port"])):
            again = await place.bench.update(server, place.inputs)

        assert again.outputs["port"] != server.outputs["port"]
        assert is_ready(again.outputs["url"])
        assert again.outputs["url"] in place.said[0]

    run(tmp_path, test)


def test_taken_declared_port_is_an_error(tmp_path):
    """A declared port that is taken is an error that names who has it."""

    async def test(place):
        with socket.create_server(("127.0.0.1", 0)) as server:
            port = server.getsockname()[1]
            with pytest.raises(
                ProviderError, match=rf"port {port} .* taken by process {os.getpid()}"
            ):
                await place.create(port=port)

    run(tmp_path, test)


def test_declared_port_is_used(tmp_path):
    """A declared port is where the server answers, and taking it out keeps it."""

    async def test(place):
        with socket.create_server(("127.0.0.1", 0)) as probe:
            port = probe.getsockname()[1]
        server = await place.create(port=port)

        assert server.outputs["url"] == f"http://127.0.0.1:{port}/api"
        assert (await place.bench.diff(server, place.inputs)).changes is Changes.NONE

    run(tmp_path, test)


def test_port_that_is_lost_in_the_race_is_drawn_three_times(tmp_path):
    """A server that finds its port taken at the last moment gets three tries."""

    async def test(place):
        with pytest.raises(ProviderError, match="port was taken"):
            await place.create(settings={"PREFECT_FAKE": "port-taken"})

        log = (place.home / "logs" / "server.log").read_text()
        assert log.count("already in use") == 3
        assert not place.lock.exists()

    run(tmp_path, test)


def test_known_cause_has_a_cure(tmp_path):
    """A server that ends for a known cause is explained by it, with the line to paste."""

    async def test(place):
        with pytest.raises(ProviderError, match=r"pip install 'fastapi<0\.151'"):
            await place.create(settings={"PREFECT_FAKE": "new-fastapi"})

    run(tmp_path, test)


def test_unknown_cause_shows_the_log(tmp_path):
    """A server that ends for an unknown cause is explained by the end of its log."""

    async def test(place):
        with pytest.raises(ProviderError, match="nobody knows this one"):
            await place.create(settings={"PREFECT_FAKE": "riddle"})

    run(tmp_path, test)


def test_server_that_is_never_ready_is_stopped(tmp_path):
    """A server that does not become ready in time is an error and does not go on running."""

    async def test(place):
        with pytest.raises(ProviderError, match="not ready after 1 seconds"):
            await place.create(settings={"PREFECT_FAKE": "never-ready"}, startTimeoutSeconds=1)

        assert not place.lock.exists()

    run(tmp_path, test)


def test_environment_is_clean(tmp_path, monkeypatch):
    """A server sees no Prefect settings, no Pulumi settings and no cloud keys of its caller."""
    for name in (
        "PREFECT_API_URL",
        "PREFECT_API_KEY",
        "PULUMI_ACCESS_TOKEN",
        "AWS_SECRET_ACCESS_KEY",
    ):
        monkeypatch.setenv(name, "of the caller")

    async def test(place):
        await place.create(authString="user:password")

        environment = place.note["environment"]
        assert "of the caller" not in environment.values()
        assert environment["PREFECT_HOME"] == str(place.home)
        assert environment["PREFECT_SERVER_API_AUTH_STRING"] == "user:password"
        assert "password" not in " ".join(place.note["arguments"])
        assert place.note["folder"] == str(place.home)

    run(tmp_path, test)


def test_changed_setting_restarts(tmp_path):
    """A changed setting is an update that restarts the server where it was."""

    async def test(place):
        server = await place.create()

        again = await place.bench.update(server, {**place.inputs, "ui": False})

        assert not is_running(identity_of(server))
        assert again.outputs["url"] == server.outputs["url"]
        assert again.outputs["uiUrl"] == ""
        assert "--no-ui" in place.note["arguments"]
        assert place.said == ["server was started again, as ui changed"]

    run(tmp_path, test)


def test_changed_timeout_does_not_restart(tmp_path):
    """What only steers the provider is stored without touching the process."""

    async def test(place):
        server = await place.create()

        again = await place.bench.update(server, {**place.inputs, "startTimeoutSeconds": 9})

        assert again.outputs["pid"] == server.outputs["pid"]
        assert again.inputs["startTimeoutSeconds"] == 9

    run(tmp_path, test)


def test_delete_keeps_the_data(tmp_path):
    """Deleting stops the server, keeps its data and says where; once more is no error."""

    async def test(place):
        server = await place.create()

        await place.bench.delete(server)
        await place.bench.delete(server)

        assert not is_running(identity_of(server))
        assert not place.lock.exists()
        assert (place.home / "logs" / "server.log").exists()
        assert place.said[0] == f"the server's data stay in {place.home}"

    run(tmp_path, test)


def test_delete_takes_the_data_when_told(tmp_path):
    """With `deleteData` the home goes with the server."""

    async def test(place):
        server = await place.create(deleteData=True)

        await place.bench.delete(server)

        assert not place.home.exists()

    run(tmp_path, test)


def test_server_in_use_is_not_deleted(tmp_path):
    """A server that a worker of another stack uses stays, and the stack is named."""

    async def test(place):
        server = await place.create()
        user = json.loads(place.lock.read_text())
        user["urn"] = urn_of("prefect:local:ProcessWorker", "other", "prod")
        (place.home / "run").mkdir()
        (place.home / "run" / "worker-other.json").write_text(json.dumps(user))

        with pytest.raises(ProviderError, match="stack prod of project project"):
            await place.bench.delete(server)
        assert is_running(identity_of(server))

    run(tmp_path, test)


@pytest.mark.parametrize(
    ("inputs", "property", "reason"),
    [
        ({"host": "0.0.0.0"}, "authString", "is required"),
        ({"settings": {"PREFECT_HOME": "/x"}}, "settings", "home"),
        ({"settings": {"HOME": "/x"}}, "settings", "PREFECT_"),
        ({"authString": "password"}, "authString", "user:password"),
        ({"port": 0}, "port", "between"),
        ({"startTimeoutSeconds": 0}, "startTimeoutSeconds", "above 0"),
        ({"python": "/no/such/python"}, "python", "no Python"),
    ],
)
def test_wrong_input_is_refused(tmp_path, inputs, property, reason):
    """An input that cannot work is refused before anything is started, and named."""

    async def test(place):
        failures = await place.bench.failures(SERVER, {**place.inputs, **inputs})

        assert list(failures) == [property]
        assert reason in failures[property]

    run(tmp_path, test)


def test_home_is_bound_to_the_machine(tmp_path, monkeypatch):
    """A home that is not given is in the current folder, and the database in it."""
    monkeypatch.chdir(tmp_path)

    async def test(place):
        inputs = await place.bench.check(urn_of(SERVER, "local"), {})

        home = tmp_path / ".meta_prefect" / "prefect"
        assert inputs["home"] == str(home)
        assert inputs["databaseUrl"].value == f"sqlite+aiosqlite:///{home}/prefect.db"

    run(tmp_path, test)
