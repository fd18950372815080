import asyncio
import inspect

import pulumi
import pytest

from meta_prefect.provider import sdk
from meta_prefect.provider.function_registry import FUNCTIONS
from meta_prefect.provider.names import camel_case, snake_case


class Recorder(pulumi.runtime.Mocks):
    """Remembers what is asked."""

    def __init__(self):
        self.calls = []

    def new_resource(self, args):
        return [args.name, {}]

    def call(self, args):
        self.calls.append((args.token, args.args))
        return {"answer": 1}


@pytest.fixture
def recorder():
    """Put Pulumi's runtime on a recorder."""
    recorder = Recorder()
    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    pulumi.runtime.set_mocks(recorder)
    yield recorder
    asyncio.set_event_loop(None)
    loop.close()


@pytest.mark.parametrize("token", sorted(FUNCTIONS))
def test_function_has_the_arguments_of_its_table(token):
    """Each function of the provider has one for programs, with the same arguments."""
    name = token.rpartition(":")[2]
    function = getattr(sdk, snake_case(name))

    arguments = inspect.signature(function).parameters.keys() - {"opts"}
    assert {camel_case(argument) for argument in arguments} == {
        item.name for item in FUNCTIONS[token].arguments
    }


def test_function_asks_by_the_api_s_names(recorder):
    """What is not given is not sent, the rest goes by the API's names, and the answer is there."""
    found = []

    @pulumi.runtime.test
    def program():
        return sdk.get_work_queue("p", optional=True).apply(found.append)

    program()

    arguments = {"workPoolName": "p", "name": "default", "optional": True}
    assert recorder.calls == [("prefect:index:getWorkQueue", arguments)]
    assert found == [{"answer": 1}]
