"""Messages to plugins that construct components and have methods."""

import pytest
from google.protobuf import struct_pb2
from pulumi.runtime.proto import provider_pb2, resource_pb2

from meta_prefect.engine.embedded.program import ProgramSettings
from meta_prefect.engine.embedded.remote import (
    build_construct,
    find_self,
    read_called,
    read_constructed,
)
from meta_prefect.interfaces.engine import ConfigValue
from meta_prefect.interfaces.provider import ProviderError

CONFIG = {"p:a": ConfigValue("1"), "p:b": ConfigValue("2", secret=True)}
SETTINGS = ProgramSettings("proj", "dev", CONFIG, preview=True, parallel=4, root="")


def to_struct(values):
    struct = struct_pb2.Struct()
    struct.update(values)
    return struct


def test_a_component_is_asked_for_with_its_options():
    """What a registration says reaches the plugin; what it leaves open stays open."""
    request = resource_pb2.RegisterResourceRequest(
        type="box:index:Box",
        name="b",
        object=to_struct({"x": 1}),
        protect=False,
        deleteBeforeReplace=True,
        deleteBeforeReplaceDefined=True,
        ignoreChanges=["x"],
        aliasURNs=["urn:old"],
    )
    request.hooks.after_create.append("hook")
    request.customTimeouts.update = "5m"
    request.propertyDependencies["x"].urns.append("urn:other")

    construct = build_construct(request, SETTINGS, "127.0.0.1:1", {"test": "ref"})

    assert (construct.type, construct.name, construct.monitorEndpoint) == (
        "box:index:Box",
        "b",
        "127.0.0.1:1",
    )
    assert (construct.project, construct.stack, construct.dryRun) == ("proj", "dev", True)
    assert dict(construct.config) == {"p:a": "1", "p:b": "2"}
    assert list(construct.configSecretKeys) == ["p:b"]
    assert construct.HasField("protect")
    assert not construct.HasField("retainOnDelete")
    assert construct.deleteBeforeReplace
    assert list(construct.resource_hooks.after_create) == ["hook"]
    assert construct.customTimeouts.update == "5m"
    assert list(construct.inputDependencies["x"].urns) == ["urn:other"]
    assert dict(construct.providers) == {"test": "ref"}
    assert [alias.urn for alias in construct.aliases] == ["urn:old"]


def test_what_comes_back():
    """Outputs come back with what they depend on, and a method's failures with its answer."""
    constructed = provider_pb2.ConstructResponse(urn="urn:b", state=to_struct({"out": "o"}))
    constructed.stateDependencies["out"].urns.append("urn:part")
    called = provider_pb2.CallResponse(**{"return": to_struct({"said": "s"})})
    called.failures.add(property="p", reason="r")
    called.returnDependencies["said"].urns.append("urn:part")

    component = read_constructed(constructed, keep_references=True)
    answer = read_called(called)

    assert (component.urn, component.object["out"]) == ("urn:b", "o")
    assert list(component.propertyDependencies["out"].urns) == ["urn:part"]
    assert getattr(answer, "return")["said"] == "s"
    assert list(answer.returnDependencies["said"].urns) == ["urn:part"]
    assert answer.failures == called.failures


def call(token, **own):
    args = to_struct({"__self__": own}) if own else struct_pb2.Struct()
    return resource_pb2.ResourceCallRequest(tok=token, args=args)


def test_whose_method_it_is():
    """A method of a provider is served by that very provider; one of a resource names it only."""
    assert find_self(call("p:index:Box/say", urn="urn:b")) == ("urn:b", "")
    assert find_self(call("p:index:say")) == ("", "")
    assert find_self(call("pulumi:providers:p/say", urn="urn:p", id="i")) == ("urn:p", "urn:p::i")
    with pytest.raises(ProviderError, match="missing __self__"):
        find_self(call("pulumi:providers:p/say"))
