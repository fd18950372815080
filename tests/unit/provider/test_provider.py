import asyncio
import dataclasses
import json
from collections import Counter

import httpx
import pytest

from meta_prefect.interfaces.events import DiffKind, PropertyDiff
from meta_prefect.interfaces.provider import (
    Changes,
    CheckRequest,
    ConfigureRequest,
    CreateRequest,
    DiffRequest,
    InvokeRequest,
    PartlyDone,
    ProviderError,
    ReadRequest,
    UpdateRequest,
)
from meta_prefect.interfaces.values import UNKNOWN, Secret
from tests.support.fake_prefect import FakePrefect
from tests.support.provider_bench import build_bench, urn_of
from tests.support.rounds import Round, load_case

URL = "http://prefect.example/api"
KINDS = (
    "flow",
    "work_pool",
    "work_queue",
    "deployment",
    "variable",
    "global_concurrency_limit",
    "tag_concurrency_limit",
    "deployment_schedule",
    "block_type",
    "block_schema",
    "block_document",
    "automation",
)
FLOW = "prefect:index:Flow"
POOL = "prefect:index:WorkPool"
DEPLOYMENT = "prefect:index:Deployment"
NAMED = (
    ("prefect:index:Variable", {"name": "v", "value": 1}),
    ("prefect:index:GlobalConcurrencyLimit", {"name": "g", "limit": 1}),
    ("prefect:index:TagConcurrencyLimit", {"tag": "t", "concurrencyLimit": 1}),
    ("prefect:index:BlockType", {"name": "T", "slug": "t"}),
)
"""Kinds that are found by a natural key of their own, with the least inputs."""


class HandsOnFake:
    """Changes rows of the fake."""

    def __init__(self, fake):
        self._fake = fake

    def _tables(self):
        fake = self._fake
        return (
            fake.flows,
            fake.queues,
            fake.deployments,
            fake.pools,
            fake.variables,
            fake.limits,
            fake.tag_limits,
            fake.block_types,
            fake.block_schemas,
            fake.block_documents,
            fake.automations,
        )

    def _schedules(self, thing):
        """Find the schedule whose id is that of its deployment and its slug."""
        deployment = self._fake.deployments.get(thing.id.partition("/")[0], {})
        slug = thing.id.partition("/")[2]
        return [row for row in deployment.get("schedules", ()) if row["slug"] == slug]

    async def change(self, thing, values):
        for row in self._schedules(thing):
            row.update(values)
        for table in self._tables():
            if thing.id in table:
                table[thing.id].update(values)

    async def delete(self, thing):
        for row in self._schedules(thing):
            row["slug"] = "gone"
        for table in self._tables():
            table.pop(thing.id, None)


def run(test, **settings):
    """Run a coroutine function with a fresh fake and a bench on it."""

    async def with_bench():
        fake = FakePrefect()
        bench = await build_bench(URL, transport=fake.transport, **settings)
        await test(fake, bench)

    asyncio.run(with_bench())


@pytest.mark.parametrize("kind", KINDS)
def test_round_of_a_kind(kind):
    """A kind is created, changed by each input, imported, repaired and deleted without flapping."""

    async def round_(fake, bench):
        await Round(bench, load_case(kind), "unit", HandsOnFake(fake), fake).run()

    run(round_)


@pytest.mark.parametrize("kind", KINDS)
def test_preview_writes_nothing(kind):
    """Previews of a create and of an update send nothing, and tell unknown outputs as unknown."""

    async def preview(fake, bench):
        case = load_case(kind)
        urn = urn_of(case["type"], "it")
        values = {**case["inputs"], case["unknown"]: UNKNOWN}
        inputs = (await bench.provider.check(CheckRequest(urn, {}, values))).inputs
        made = await bench.provider.create(CreateRequest(urn, inputs, preview=True))
        again = await bench.provider.update(
            UpdateRequest("id", urn, inputs, made.properties, inputs, preview=True)
        )

        assert made.id is UNKNOWN
        assert made.properties.get("created", UNKNOWN) is UNKNOWN
        assert again.keys() == made.properties.keys()
        assert fake.requests == []

    run(preview)


def test_unknown_input_is_a_difference():
    """An input that is not known yet counts as a change, of its kind."""

    async def diff(fake, bench):
        flow = await bench.create(FLOW, {"name": "f", "tags": ["a"]})
        found = await bench.diff(flow, {"name": UNKNOWN, "tags": UNKNOWN})

        assert found.detailed_diff == {
            "name": PropertyDiff(DiffKind.UPDATE_REPLACE),
            "tags": PropertyDiff(DiffKind.UPDATE),
        }
        assert found.replaces == ("name",)

    run(diff)


def test_difference_is_about_one_member():
    """A tag that went does not change the others."""

    async def diff(fake, bench):
        flow = await bench.create(FLOW, {"name": "f", "tags": ["a", "b", "c"]})
        found = await bench.diff(flow, {"name": "f", "tags": ["c", "b"]})

        assert found.detailed_diff == {"tags[0]": PropertyDiff(DiffKind.DELETE)}

    run(diff)


def test_host_that_tells_no_old_inputs():
    """Without old inputs the difference is found from the outputs."""

    async def diff(fake, bench):
        made = await bench.create(DEPLOYMENT, {"name": "d", "flowName": "f", "version": "1"})
        news = await bench.check(made.urn, {"name": "d", "flowName": "f", "version": "2"})
        found = await bench.provider.diff(DiffRequest(made.id, made.urn, {}, made.outputs, news))

        assert found.diffs == ("version",)

    run(diff)


def test_ignored_input_keeps_its_value():
    """An ignored input is no difference, and is sent as it was."""

    async def update(fake, bench):
        flow = await bench.create(FLOW, {"name": "f", "tags": ["a"]})
        news = await bench.check(flow.urn, {"name": "f", "tags": ["b"]})
        asked = DiffRequest(flow.id, flow.urn, flow.inputs, flow.outputs, news, ("tags",))
        found = await bench.provider.diff(asked)
        outputs = await bench.provider.update(
            UpdateRequest(
                flow.id, flow.urn, flow.inputs, flow.outputs, news, ignore_changes=("tags",)
            )
        )

        assert found.changes is Changes.NONE
        assert outputs["tags"] == ["a"]

    run(update)


def test_secret_inputs_stay_secret():
    """A secret leaf goes to the server in clear and comes back in its envelope."""

    async def create(fake, bench):
        values = {
            "name": "d",
            "flowName": "f",
            "jobVariables": {"env": {"KEY": Secret("hush"), "A": "1"}},
        }
        made = await bench.create(DEPLOYMENT, values)
        refreshed = await bench.refresh(made)

        (row,) = fake.deployments.values()
        assert row["job_variables"] == {"env": {"KEY": "hush", "A": "1"}}
        assert made.outputs["jobVariables"] == values["jobVariables"]
        assert refreshed.inputs["jobVariables"] == values["jobVariables"]

    run(create)


def test_import_declares_what_differs_from_the_defaults():
    """An imported resource declares what a program has to say, and no more."""

    async def import_(fake, bench):
        await bench.create(POOL, {"name": "p", "type": "process", "concurrencyLimit": 3})
        imported = await bench.import_(POOL, "p")

        assert imported.inputs["__declared"] == [
            "baseJobTemplate",
            "concurrencyLimit",
            "name",
            "type",
        ]
        assert await bench.import_(POOL, "nothing") is None

    run(import_)


async def _make_flows(bench, count):
    """Make flows with a deployment each, in the order in which an engine's state has them."""
    things = []
    for at in range(count):
        flow = await bench.create(FLOW, {"name": f"f{at}"}, f"f{at}")
        values = {"name": f"d{at}", "flowId": flow.id, "version": "1"}
        things += [flow, await bench.create(DEPLOYMENT, values, f"d{at}")]
    return things


def test_foreseen_reads_take_a_few_pages():
    """Two hundred and one deployments of as many flows are read by two requests for each kind."""

    async def refresh(fake, bench):
        things = await _make_flows(bench, 201)
        later = await build_bench(URL, transport=fake.transport)
        fake.requests.clear()
        found = await later.refresh_all(things)

        paths = Counter(path for _, path, _ in fake.requests)
        assert paths == {"/deployments/filter": 2, "/flows/filter": 2}
        assert found == things

    run(refresh)


def test_every_kind_with_a_filter_is_foreseen():
    """Objects of other kinds are read by one request for each kind, schedules by deployment."""

    async def refresh(fake, bench):
        things = await _make_one_of_each(bench)
        fake.requests.clear()
        found = await bench.refresh_all(things)

        paths = Counter(path for _, path, _ in fake.requests)
        assert paths == {
            f"/{kind}/filter": 1
            for kind in (
                "automations",
                "block_documents",
                "deployments",
                "variables",
                "work_pools",
                "work_queues",
            )
        }
        assert [thing.id for thing in found] == [thing.id for thing in things]

    run(refresh)


async def _make_one_of_each(bench):
    """Make two of each kind that is read by id; two schedules are of one deployment."""
    owner = await bench.create(DEPLOYMENT, {"name": "d", "flowName": "f"})
    type = await bench.create("prefect:index:BlockType", {"name": "Hook", "slug": "hook"})
    fields = {"block_type_slug": "hook", "properties": {"url": {"type": "string"}}}
    await bench.create(
        "prefect:index:BlockSchema", {"blockTypeId": type.id, "fields": fields, "version": "1.0"}
    )
    trigger = {"posture": "Reactive", "expect": ["never"]}
    acts = {"trigger": trigger, "actions": [{"type": "do-nothing"}]}
    return [
        await bench.create(f"prefect:index:{kind}", {**values, key: name}, name)
        for name in ("a", "b")
        for kind, key, values in (
            ("WorkPool", "name", {"type": "process"}),
            ("WorkQueue", "name", {"workPoolName": "a"}),
            ("DeploymentSchedule", "slug", {"deploymentId": owner.id, "interval": 60}),
            ("Variable", "name", {"value": 1}),
            ("BlockDocument", "name", {"blockTypeSlug": "hook", "data": {"url": "x"}}),
            ("Automation", "name", acts),
        )
    ]


def test_foreseen_reads_tell_the_truth():
    """What was changed by hand before a refresh is seen, and what was deleted by hand is gone."""

    async def refresh(fake, bench):
        _, first, _, second, _, third = things = await _make_flows(bench, 3)
        await bench.refresh_all(things)
        fake.deployments[first.id]["version"] = "by hand"
        del fake.deployments[second.id]
        found = await bench.refresh_all([first, second, third])

        assert found[0].inputs["version"] == "by hand"
        assert found[1] is None
        assert found[2] == third

    run(refresh)


def test_an_id_that_is_none_harms_no_other_read():
    """A record whose id the server would refuse is read by itself."""

    async def refresh(fake, bench):
        _, made = await _make_flows(bench, 1)
        by_name = dataclasses.replace(made, id="f0/d0")
        found = await bench.refresh_all([made, by_name])

        assert [thing.inputs for thing in found] == [made.inputs] * 2

    run(refresh)


def test_a_type_of_another_version_is_not_foreseen():
    """Reads of a type that the provider does not know are left to say so themselves."""

    async def refresh(fake, bench):
        request = ReadRequest("1", urn_of("prefect:index:Nope", "x"), {"a": 1}, {"a": 1})
        with (
            bench.provider.foresee_reads([request]),
            pytest.raises(ProviderError, match="no resource type prefect:index:Nope"),
        ):
            await bench.provider.read(request)

    run(refresh)


def test_existing_thing_is_not_taken_over():
    """What exists already is named with the way to import it."""

    async def create(fake, bench):
        for type, values in (
            (POOL, {"name": "p", "type": "process"}),
            ("prefect:index:WorkQueue", {"name": "q", "workPoolName": "p"}),
            (DEPLOYMENT, {"name": "d", "flowName": "f"}),
            *NAMED,
        ):
            await bench.create(type, values, "first")
            with pytest.raises(ProviderError, match=r"exists already.*import it"):
                await bench.create(type, values, "second")

    run(create)


def test_own_deployment_is_taken_over():
    """A deployment whose label names this resource is ours: its state was lost."""

    async def create(fake, bench):
        first = await bench.create(DEPLOYMENT, {"name": "d", "flowName": "f"})
        second = await bench.create(DEPLOYMENT, {"name": "d", "flowName": "f", "version": "2"})

        assert second.id == first.id
        assert [row["version"] for row in fake.deployments.values()] == ["2"]

    run(create)


def test_everything_is_taken_over_when_asked():
    """With `adopt: always` existing things become ours, with a warning each."""

    async def create(fake, bench):
        for type, values in (
            (POOL, {"name": "p", "type": "process", "description": "x"}),
            ("prefect:index:WorkQueue", {"name": "q", "workPoolName": "p"}),
            (DEPLOYMENT, {"name": "d", "flowName": "f"}),
            *NAMED,
        ):
            first = await bench.create(type, values, "first")
            second = await bench.create(type, values, "second")

            assert second.id == first.id
            assert bench.messages[-1][0] == "warning"
        with pytest.raises(ProviderError, match="with type 'process'"):
            await bench.create(POOL, {"name": "p", "type": "docker"}, "third")

    run(create, adopt="always")


@pytest.mark.parametrize(
    ("type", "values"),
    [
        (FLOW, {"name": "f"}),
        (POOL, {"name": "p", "type": "process"}),
        (DEPLOYMENT, {"name": "d", "flowName": "f"}),
        *NAMED,
    ],
)
def test_lost_create_is_found(type, values):
    """After a crash, a create is told done or not done by the natural key."""

    async def find(fake, bench):
        urn = urn_of(type, "it")
        inputs = await bench.check(urn, values)
        before = await bench.provider.find_created(urn, inputs)
        made = await bench.create(type, values)
        after = await bench.provider.find_created(urn, inputs)

        assert before.id == ""
        assert (after.id, dict(after.properties)) == (made.id, made.outputs)

    run(find)


def test_unsettled_write_is_partly_done():
    """A field that the server does not take is named, and what was made is kept."""

    async def create(fake, bench):
        def forget_version(request):
            if request.url.path != "/api/deployments/":
                return None
            body = {**json.loads(request.content), "version": None}
            return fake._serve("POST", "/deployments/", body)

        fake.faults = forget_version
        with pytest.raises(PartlyDone, match="did not take version") as caught:
            await bench.create(DEPLOYMENT, {"name": "d", "flowName": "f", "version": "1"})

        assert caught.value.id in fake.deployments
        assert caught.value.properties["deploymentId"] == caught.value.id

    run(create)


def test_slow_call_ends_with_its_timeout():
    """A create takes no longer than the engine allows."""

    async def create(fake, bench):
        async def never(request):
            await asyncio.sleep(60)

        slow = await build_bench(URL, transport=httpx.MockTransport(never))
        inputs = await bench.check(urn_of(FLOW, "it"), {"name": "f"})
        with pytest.raises(ProviderError, match=r"longer than 0\.01 seconds"):
            await slow.provider.create(CreateRequest(urn_of(FLOW, "it"), inputs, 0.01))

    run(create)


def test_unknown_url_in_a_preview():
    """With a server still to be made, checks and previews work and reads keep the state."""

    async def preview():
        bench = await build_bench(UNKNOWN)
        urn = urn_of(POOL, "it")
        inputs = await bench.check(urn, {"name": "p", "type": "process"})
        made = await bench.provider.create(CreateRequest(urn, inputs, preview=True))
        found = await bench.provider.read(ReadRequest("p", urn, inputs, {"workPoolId": "1"}))

        assert made.properties["baseJobTemplate"]["variables"]
        assert found.properties == {"workPoolId": "1"}
        with pytest.raises(ProviderError, match="not known before its server runs"):
            await bench.provider.create(CreateRequest(urn, inputs))

    asyncio.run(preview())


def test_functions_read():
    """A program may look things up; a missing one is an error unless it is optional."""

    async def invoke(fake, bench):
        await bench.create(POOL, {"name": "p", "type": "process"})
        made = await bench.create(DEPLOYMENT, {"name": "d", "flowName": "f", "tags": ["a"]})

        async def ask(function, **arguments):
            token = f"prefect:index:{function}"
            return await bench.provider.invoke(InvokeRequest(token, arguments))

        template = await ask("getDefaultBaseJobTemplate", type="process")
        pool = await ask("getWorkPool", name="p")
        deployment = await ask("getDeployment", fullName="f/d")
        assert "command" in template.result["template"]["variables"]["properties"]
        assert pool.result["type"] == "process"
        assert (deployment.result["id"], deployment.result["tags"]) == (made.id, ["a"])
        assert (await ask("getWorkPool", name="q", optional=True)).result == {}
        assert (await ask("getWorkPool", name=UNKNOWN)).result["type"] is UNKNOWN
        assert (await ask("getWorkPool")).failures[0].property == "name"
        with pytest.raises(ProviderError, match="there is no work pool 'q'"):
            await ask("getWorkPool", name="q")
        with pytest.raises(ProviderError, match="no function"):
            await ask("getNonsense")

    run(invoke)


def test_configuration_is_checked_and_compared():
    """Keys become secret, wrong settings are named, and another host replaces the provider."""

    async def configure(fake, bench):
        provider = bench.provider
        checked = await provider.check_config(
            CheckRequest("urn", {}, {"apiUrl": f"{URL}/", "apiKey": "k"})
        )
        moved = await provider.diff_config(
            DiffRequest("", "urn", {"apiUrl": URL}, {}, {"apiUrl": "http://other/api"})
        )
        rotated = await provider.diff_config(
            DiffRequest("", "urn", {"apiKey": "a"}, {}, {"apiKey": Secret("b")})
        )
        same = await provider.diff_config(
            DiffRequest("", "urn", {"apiKey": "a"}, {}, {"apiKey": Secret("a")})
        )

        assert checked.inputs == {"apiUrl": URL, "apiKey": Secret("k")}
        assert moved.replaces == ("apiUrl",)
        assert (rotated.changes, rotated.diffs, rotated.replaces) == (
            Changes.SOME,
            ("apiKey",),
            (),
        )
        assert same.changes is Changes.NONE
        with pytest.raises(ProviderError, match="adopt must be one of"):
            await provider.configure(ConfigureRequest({"adopt": "x"}))

    run(configure)


def test_unknown_type_and_early_call_are_told():
    """A type nobody manages, and a call before the configuration, are one sentence each."""

    async def call(fake, bench):
        unconfigured = dataclasses.replace(
            bench, provider=type(bench.provider)(print, environment={})
        )
        with pytest.raises(ProviderError, match="no resource type prefect:index:Nope"):
            await bench.create("prefect:index:Nope", {})
        with pytest.raises(ProviderError, match="of the bridged Terraform provider: it is called"):
            await bench.create("prefect:index/flow:Flow", {})
        with pytest.raises(ProviderError, match="not configured"):
            await unconfigured.create(FLOW, {"name": "f"})

    run(call)


def test_what_a_dead_local_server_held_is_gone_with_it(tmp_path):
    """Deleting on a server of the stack that no longer runs asks nobody, succeeds and says so."""

    async def test(fake, bench):
        made = await bench.create(FLOW, {"name": "f"})
        await bench.delete(made)

        assert made.id in fake.flows
        assert [text for _, urn, text in bench.messages if urn == made.urn]

    run(test, localHome=str(tmp_path))
