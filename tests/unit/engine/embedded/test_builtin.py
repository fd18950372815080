"""The built-in provider: what it refuses, and its functions; its resources are lifecycle tests."""

import asyncio

import pulumi
import pytest

from meta_prefect.engine.embedded.builtin import BuiltinProvider
from meta_prefect.interfaces.provider import CheckRequest, InvokeRequest, ProviderError, ReadRequest
from tests.support.embedded import EmbeddedBench, Thing
from tests.support.state import make_backend

STASH = "urn:pulumi:dev::conf::pulumi:index:Stash::s"
REFERENCE = "urn:pulumi:dev::conf::pulumi:pulumi:StackReference::r"


@pytest.fixture
def provider(tmp_path):
    return BuiltinProvider(make_backend(tmp_path))


@pytest.mark.parametrize(
    ("urn", "news", "property"),
    [(STASH, {}, "input"), (STASH, {"input": 1, "more": 2}, "more"), (REFERENCE, {}, "name")],
)
def test_inputs_that_will_not_do(provider, urn, news, property):
    """A resource must have its one input, and no other."""
    response = asyncio.run(provider.check(CheckRequest(urn, {}, news)))

    assert [failure.property for failure in response.failures] == [property]


def test_types_and_functions_nobody_knows(provider):
    """What the package does not have is refused by name."""
    with pytest.raises(ProviderError, match="unrecognized resource type 'pulumi:index:Other'"):
        asyncio.run(provider.check(CheckRequest(STASH.replace("Stash", "Other"), {}, {})))
    with pytest.raises(ProviderError, match="unrecognized function name: 'pulumi:pulumi:other'"):
        asyncio.run(provider.invoke(InvokeRequest("pulumi:pulumi:other", {})))


def test_no_import(provider):
    """A stash is in state only, so there is nothing to import."""
    with pytest.raises(ProviderError, match="can not be imported"):
        asyncio.run(provider.read(ReadRequest("id", STASH, {}, {})))


def test_stacks_of_any_project(tmp_path, provider):
    """A stack is found by its full name in its own project, and is unknown in another one."""
    EmbeddedBench(tmp_path).up(lambda: pulumi.export("thing", Thing("a").out))

    def read(name):
        request = InvokeRequest("pulumi:pulumi:readStackOutputs", {"name": name})
        return asyncio.run(provider.invoke(request)).result["outputs"]

    assert read("organization/conf/dev") == read("dev") == {"thing": "out-a-1"}
    with pytest.raises(ProviderError, match='unknown stack "organization/other/dev"'):
        read("organization/other/dev")


def test_resources_of_a_stack(tmp_path, provider):
    """All resources of a stack can be asked for, by URN."""
    EmbeddedBench(tmp_path).up(lambda: Thing("a"))

    request = InvokeRequest("pulumi:pulumi:readStackResourceOutputs", {"stackName": "dev"})
    found = asyncio.run(provider.invoke(request)).result["outputs"]

    (thing,) = [value for urn, value in found.items() if urn.endswith("::a")]
    assert thing == {"type": "test:index:Thing", "outputs": {"out": "out-a-1"}}
