import asyncio

import grpc
import pytest
from google.protobuf import empty_pb2, json_format, struct_pb2
from google.rpc.status_pb2 import Status
from pulumi.runtime.proto import provider_pb2, provider_pb2_grpc

from meta_prefect.interfaces.provider import PartlyDone
from meta_prefect.provider.provider import PrefectProvider
from meta_prefect.provider.server import EngineLog, PrefectServicer
from tests.support.fake_prefect import FakePrefect
from tests.support.provider_bench import urn_of

URN = urn_of("prefect:index:Flow", "f")


def _struct(values):
    return json_format.ParseDict(values, struct_pb2.Struct())


def serve(test, provider=None):
    """Run a coroutine function with a stub of a served provider and its fake."""

    async def run():
        fake = FakePrefect()
        log = EngineLog()
        served = provider or PrefectProvider(log, environment={}, transport=fake.transport)
        server = grpc.aio.server()
        servicer = PrefectServicer(served, log, "{}", "1.2.3")
        provider_pb2_grpc.add_ResourceProviderServicer_to_server(servicer, server)
        port = server.add_insecure_port("127.0.0.1:0")
        await server.start()
        async with grpc.aio.insecure_channel(f"127.0.0.1:{port}") as channel:
            await test(provider_pb2_grpc.ResourceProviderStub(channel), fake)
        await server.stop(None)

    asyncio.run(run())


def test_life_of_a_resource_over_the_wire():
    """Every call of a resource's life goes through gRPC and back."""

    async def live(stub, fake):
        await stub.Configure(
            provider_pb2.ConfigureRequest(args=_struct({"apiUrl": "http://h/api"}))
        )
        news = _struct({"name": "f", "tags": ["b", "a"]})
        checked = await stub.Check(provider_pb2.CheckRequest(urn=URN, news=news))
        made = await stub.Create(provider_pb2.CreateRequest(urn=URN, properties=checked.inputs))
        state = {"id": made.id, "urn": URN, "olds": made.properties, "old_inputs": checked.inputs}
        later = await stub.Check(
            provider_pb2.CheckRequest(urn=URN, news=_struct({"name": "f", "tags": ["a"]}))
        )
        diff = await stub.Diff(provider_pb2.DiffRequest(**state, news=later.inputs))
        updated = await stub.Update(provider_pb2.UpdateRequest(**state, news=later.inputs))
        read = await stub.Read(
            provider_pb2.ReadRequest(
                id=made.id, urn=URN, properties=updated.properties, inputs=later.inputs
            )
        )
        await stub.Delete(
            provider_pb2.DeleteRequest(
                id=made.id, urn=URN, properties=updated.properties, old_inputs=later.inputs
            )
        )

        assert list(made.properties["tags"]) == ["a", "b"]
        assert diff.changes == provider_pb2.DiffResponse.DIFF_SOME
        assert list(diff.detailedDiff) == ["tags[1]"]
        assert read.inputs == later.inputs
        assert fake.flows == {}

    serve(live)


def test_engine_gets_to_know_the_plugin():
    """Version, schema and abilities are told before any configuration."""

    async def meet(stub, fake):
        info = await stub.GetPluginInfo(empty_pb2.Empty())
        schema = await stub.GetSchema(provider_pb2.GetSchemaRequest())
        hands = await stub.Handshake(provider_pb2.ProviderHandshakeRequest())
        checked = await stub.CheckConfig(
            provider_pb2.CheckRequest(urn="u", news=_struct({"apiUrl": "nowhere"}))
        )
        diff = await stub.DiffConfig(
            provider_pb2.DiffRequest(
                old_inputs=_struct({"apiUrl": "http://a/api"}),
                news=_struct({"apiUrl": "http://b/api"}),
            )
        )
        await stub.Cancel(empty_pb2.Empty())

        assert (info.version, schema.schema, hands.accept_secrets) == ("1.2.3", "{}", True)
        assert checked.failures[0].property == "apiUrl"
        assert list(diff.replaces) == ["apiUrl"]

    serve(meet)


def test_functions_over_the_wire():
    """A function's answer comes back as a value."""

    async def ask(stub, fake):
        await stub.Configure(
            provider_pb2.ConfigureRequest(args=_struct({"apiUrl": "http://h/api"}))
        )
        answer = await stub.Invoke(
            provider_pb2.InvokeRequest(
                tok="prefect:index:getDefaultBaseJobTemplate", args=_struct({"type": "process"})
            )
        )

        assert json_format.MessageToDict(answer)["return"]["type"] == "process"

    serve(ask)


def test_failure_is_one_line():
    """What the user should read comes without a traceback."""

    async def fail(stub, fake):
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await stub.Check(provider_pb2.CheckRequest(urn=URN, news=_struct({})))

        assert caught.value.details() == "the Prefect provider is not configured yet"

    serve(fail)


class Unfinished:
    """A provider whose creates do not get ready, and whose deletes have a bug."""

    async def create(self, request):
        raise PartlyDone("made", {"a": 1}, {"a": 1}, ("not ready",))

    async def delete(self, request):
        raise KeyError("bug")


def test_what_was_made_is_not_lost():
    """A create that made something without getting it ready hands it over with its reasons."""

    async def create(stub, fake):
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await stub.Create(provider_pb2.CreateRequest(urn=URN))

        metadata = dict(caught.value.trailing_metadata())
        status = Status.FromString(metadata["grpc-status-details-bin"])
        detail = provider_pb2.ErrorResourceInitFailed()
        assert status.details[0].Unpack(detail)
        assert (detail.id, list(detail.reasons), detail.inputs["a"]) == ("made", ["not ready"], 1)

    serve(create, Unfinished())


def test_bug_keeps_its_traceback():
    """What is our fault says where it happened."""

    async def delete(stub, fake):
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await stub.Delete(provider_pb2.DeleteRequest(urn=URN))

        assert caught.value.code() is grpc.StatusCode.INTERNAL
        assert "Traceback" in caught.value.details()

    serve(delete, Unfinished())
