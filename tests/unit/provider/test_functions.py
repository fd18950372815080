import pytest

from meta_prefect.interfaces.provider import InvokeRequest, ProviderError
from meta_prefect.interfaces.values import UNKNOWN
from tests.unit.provider.test_provider import DEPLOYMENT, FLOW, POOL, run


def _asker(bench):
    async def ask(function, **arguments):
        token = f"prefect:index:{function}"
        return await bench.provider.invoke(InvokeRequest(token, arguments))

    return ask


@pytest.mark.parametrize(
    ("type", "values", "function", "arguments", "told"),
    [
        (POOL, {"name": "p", "type": "process"}, "getWorkPool", {"name": "p"}, {"type": "process"}),
        (
            POOL,
            {"name": "p", "type": "process"},
            "getWorkQueue",
            {"workPoolName": "p"},
            {"priority": 1},
        ),
        (FLOW, {"name": "f", "tags": ["a"]}, "getFlow", {"name": "f"}, {"tags": ["a"]}),
        (
            DEPLOYMENT,
            {"name": "d", "flowName": "f"},
            "getDeployment",
            {"fullName": "f/d"},
            {"name": "d"},
        ),
        (
            "prefect:index:Variable",
            {"name": "v", "value": 7},
            "getVariable",
            {"name": "v"},
            {"value": 7},
        ),
        (
            "prefect:index:GlobalConcurrencyLimit",
            {"name": "g", "limit": 3},
            "getGlobalConcurrencyLimit",
            {"name": "g"},
            {"limit": 3},
        ),
        (
            "prefect:index:TagConcurrencyLimit",
            {"tag": "t", "concurrencyLimit": 2},
            "getTagConcurrencyLimit",
            {"tag": "t"},
            {"concurrencyLimit": 2},
        ),
    ],
)
def test_one_thing_is_looked_up(type, values, function, arguments, told):
    """A thing is found by what tells it, with its fields and its id; a missing one may be none."""

    async def look(fake, bench):
        ask = _asker(bench)
        missing = await ask(function, **{**arguments, "optional": True})
        await bench.create(type, values)
        found = (await ask(function, **arguments)).result

        assert missing.result == {}
        assert found["id"]
        assert told.items() <= found.items()

    run(look)


def test_missing_thing_is_named_with_what_is_close():
    """A missing thing is an error that names what is called nearly so."""

    async def look(fake, bench):
        await bench.create(POOL, {"name": "nightly", "type": "process"})

        with pytest.raises(ProviderError, match="no work pool 'nightli'; there is 'nightly'"):
            await _asker(bench)("getWorkPool", name="nightli")
        with pytest.raises(ProviderError, match="there is no flow ''"):
            await _asker(bench)("getFlow")

    run(look)


def test_arguments_are_checked_before_anything_is_asked():
    """Missing, misspelt and misshapen arguments are named, all at once, and nothing is sent."""

    async def look(fake, bench):
        answer = await _asker(bench)("getWorkQueue", nam="q", name=3)

        assert {failure.property for failure in answer.failures} == {"workPoolName", "nam", "name"}
        assert fake.requests == []

    run(look)


def test_unknown_argument_makes_every_result_unknown():
    """What is asked with a value that comes later is not known yet either."""

    async def look(fake, bench):
        answer = await _asker(bench)("getVariable", name=UNKNOWN)

        assert set(answer.result.values()) == {UNKNOWN}
        assert answer.result.keys() >= {"id", "name", "value"}

    run(look)


def test_a_variable_may_have_a_default():
    """A missing variable has the value that the program gives."""

    async def look(fake, bench):
        ask = _asker(bench)

        assert (await ask("getVariable", name="v", default=5)).result["value"] == 5
        await bench.create("prefect:index:Variable", {"name": "v", "value": 7})
        assert (await ask("getVariable", name="v", default=5)).result["value"] == 7

    run(look)


def test_many_things_are_searched():
    """Pools, queues of one, and deployments by pool are told with what tells them apart."""

    async def look(fake, bench):
        ask = _asker(bench)
        await bench.create(POOL, {"name": "p", "type": "process"})
        for name in ("a", "b"):
            values = {"name": name, "flowName": "f", "workPoolName": "p", "tags": [name]}
            await bench.create(DEPLOYMENT, values, name)
        await bench.create(DEPLOYMENT, {"name": "c", "flowName": "f"}, "c")

        (pool,) = (await ask("getWorkPools", names=["p"])).result["found"]
        queues = (await ask("getWorkQueues", workPoolName="p")).result["found"]
        deployments = (await ask("getDeployments", workPoolName="p")).result["found"]
        assert [item["name"] for item in queues] == ["default"]
        assert pool["defaultQueueId"] == queues[0]["id"]
        assert {item["name"]: item["tags"] for item in deployments} == {"a": ["a"], "b": ["b"]}

    run(look)


def test_the_server_tells_of_itself():
    """The API's version and URLs are known."""

    async def look(fake, bench):
        told = (await _asker(bench)("getServer")).result

        assert (told["version"], told["isCloud"]) == ("3.8.8", False)
        assert told["uiUrl"] == "http://prefect.example"

    run(look)
