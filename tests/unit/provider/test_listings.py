import asyncio

import grpc
import pytest
from pulumi.runtime.proto import provider_pb2, provider_pb2_grpc

from meta_prefect.interfaces.provider import ProviderError
from meta_prefect.provider.hosting import host
from meta_prefect.provider.provider import PrefectProvider
from tests.support.fake_prefect import FakePrefect
from tests.unit.provider.test_provider import URL, run
from tests.unit.provider.test_server import _struct, serve

FLOW = "prefect:index:Flow"
NAMES = ("a", "b", "c", "d", "e")


def _fill(fake):
    for name in NAMES:
        fake._serve("POST", "/flows/", {"name": name})


async def _list(stub, **fields):
    return [answer async for answer in stub.List(provider_pb2.ListRequest(**fields))]


def test_pages_go_on_until_the_end():
    """Each page says where the next begins; the last one says nothing."""

    async def look(stub, fake):
        _fill(fake)
        await stub.Configure(provider_pb2.ConfigureRequest(args=_struct({"apiUrl": URL})))
        names, start, pages = [], "", 0
        while start is not None:
            *found, last = await _list(stub, token=FLOW, page_size=2, continuation_token=start)
            start = last.continuation.continuation_token or None
            names += [item.result.name for item in (found if start else [*found, last])]
            pages += 1

        assert names == list(NAMES)
        assert pages == 3

    serve(look)


def test_a_limit_ends_the_listing():
    """A host that wants two things gets two, and is not sent on."""

    async def look(stub, fake):
        _fill(fake)
        await stub.Configure(provider_pb2.ConfigureRequest(args=_struct({"apiUrl": URL})))
        found = await _list(stub, token=FLOW, limit=2)

        assert [item.result.name for item in found] == ["a", "b"]

    serve(look)


def test_a_query_asks_for_a_name():
    """Only things of the name are told, by ids to import; an unknown name makes all unknown."""

    async def look(stub, fake):
        _fill(fake)
        await stub.Configure(provider_pb2.ConfigureRequest(args=_struct({"apiUrl": URL})))
        (found,) = await _list(stub, token=FLOW, query=_struct({"name": "b"}))
        unknown = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"
        (later,) = await _list(stub, token=FLOW, query=_struct({"name": unknown}))

        assert (found.result.name, found.result.id) in {
            (row["name"], row["id"]) for row in fake.flows.values()
        }
        assert later.WhichOneof("response") == "computed"

    serve(look)


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"token": "prefect:local:Server"}, "cannot be listed"),
        ({"token": FLOW, "query": _struct({"tags": "a"})}, "by name only"),
        ({"token": FLOW, "continuation_token": "far"}, "not where a listing goes on"),
    ],
)
def test_what_cannot_be_listed_is_said(fields, reason):
    """A listing that is not possible is one sentence."""

    async def look(stub, fake):
        await stub.Configure(provider_pb2.ConfigureRequest(args=_struct({"apiUrl": URL})))
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await _list(stub, **fields)

        assert reason in caught.value.details()

    serve(look)


def test_hosted_provider_lists_too():
    """The stream passes a host of several providers."""

    async def look():
        fake = FakePrefect()
        _fill(fake)

        async def factory(log):
            return PrefectProvider(log, environment={}, transport=fake.transport)

        async with (
            host(factory, "{}") as port,
            grpc.aio.insecure_channel(f"127.0.0.1:{port}") as channel,
        ):
            stub = provider_pb2_grpc.ResourceProviderStub(channel)
            await stub.Configure(provider_pb2.ConfigureRequest(args=_struct({"apiUrl": URL})))
            found = await _list(stub, token=FLOW)

        assert len(found) == len(NAMES)

    asyncio.run(look())


def test_limits_of_others_are_not_listed():
    """The server keeps limits of tags and deployments among the global ones."""

    async def look(fake, bench):
        await bench.create("prefect:index:GlobalConcurrencyLimit", {"name": "g", "limit": 1})
        fake.limits["x"] = {"id": "x", "name": "tag:t", "limit": 1}
        page = await bench.provider.list_page(
            "prefect:index:GlobalConcurrencyLimit", size=0, start="", name=""
        )

        assert [item.name for item in page.found] == ["g"]
        with pytest.raises(ProviderError, match="cannot be listed"):
            await bench.provider.list_page("prefect:local:Server", size=0, start="", name="")

    run(look)
