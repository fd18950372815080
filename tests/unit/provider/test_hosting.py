"""The provider served by this process."""

import grpc
import pytest
from google.protobuf import empty_pb2, json_format, struct_pb2
from pulumi.runtime.proto import provider_pb2, provider_pb2_grpc

from meta_prefect.interfaces.provider import ConfigureResponse
from meta_prefect.provider.hosting import host_in_thread


class Provider:
    """Remembers how it was configured."""

    def __init__(self):
        self.args = None
        self.closed = False

    async def configure(self, request):
        self.args = dict(request.args)
        return ConfigureResponse()

    async def close(self):
        self.closed = True


def _struct(values):
    return json_format.ParseDict(values, struct_pb2.Struct())


def test_each_connection_has_a_provider_of_its_own():
    """Two provider resources on one port do not overwrite each other's settings."""
    made = []

    async def factory(log):
        made.append(Provider())
        return made[-1]

    with host_in_thread(factory, "{}") as port:
        for url in ("http://one", "http://two"):
            # Channels with equal options share a connection.
            options = [("grpc.use_local_subchannel_pool", 1)]
            with grpc.insecure_channel(f"127.0.0.1:{port}", options) as channel:
                stub = provider_pb2_grpc.ResourceProviderStub(channel)
                stub.GetPluginInfo(empty_pb2.Empty())
                stub.Configure(provider_pb2.ConfigureRequest(args=_struct({"apiUrl": url})))

    assert [provider.args for provider in made] == [
        {"apiUrl": "http://one"},
        {"apiUrl": "http://two"},
    ]
    assert [provider.closed for provider in made] == [True, True]


def test_the_port_is_free_afterwards():
    """Nobody answers once the context has ended."""

    async def factory(log):
        return Provider()

    with host_in_thread(factory, "{}") as port:
        pass

    with grpc.insecure_channel(f"127.0.0.1:{port}") as channel:
        stub = provider_pb2_grpc.ResourceProviderStub(channel)
        with pytest.raises(grpc.RpcError) as caught:
            stub.GetPluginInfo(empty_pb2.Empty(), timeout=2)

    assert caught.value.code() is grpc.StatusCode.UNAVAILABLE
