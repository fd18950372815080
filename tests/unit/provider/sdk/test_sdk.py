import asyncio

import pulumi
import pytest

from meta_prefect.provider import sdk
from meta_prefect.provider.names import snake_case
from meta_prefect.provider.registry import HANDLERS
from meta_prefect.provider.sdk.resource import PrefectResource, property_names
from meta_prefect.provider.settings import CONFIG_FIELDS

CLASSES = {
    item.pulumi_type: item
    for item in vars(sdk).values()
    if isinstance(item, type) and issubclass(item, PrefectResource)
}


class Recorder(pulumi.runtime.Mocks):
    """Remembers what is registered."""

    def __init__(self):
        self.registered = {}

    def new_resource(self, args):
        self.registered[args.name] = args
        return [args.resource_id or f"{args.name}-id", {**args.inputs, "workPoolId": "uuid"}]

    def call(self, args):
        return {}


@pytest.fixture
def recorder():
    """Put Pulumi's runtime on a recorder."""
    recorder = Recorder()
    # Other tests' loops are closed, and Pulumi takes the current one.
    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    pulumi.runtime.set_mocks(recorder)
    yield recorder
    asyncio.set_event_loop(None)
    loop.close()


@pytest.mark.parametrize("token", sorted(HANDLERS))
def test_class_has_the_fields_of_its_handler(token):
    """A class takes every input of its kind and shows every output, in Python's spelling."""
    kind, resource = HANDLERS[token].kind, CLASSES[token]
    inputs = {snake_case(field.name): field.name for field in kind.fields}
    outputs = {snake_case(output.name): output.name for output in kind.outputs}
    arguments = resource.__init__.__annotations__.keys() - {"resource_name", "opts", "return"}

    assert arguments == inputs.keys()
    assert property_names(resource) == inputs | outputs


def test_every_class_is_handled():
    """Each class of an API kind has a handler."""
    assert {token for token in CLASSES if ":index:" in token} <= HANDLERS.keys()


def test_provider_takes_every_setting():
    """The provider class takes each setting of the provider."""
    arguments = sdk.Provider.__init__.__annotations__.keys() - {"resource_name", "opts", "return"}

    assert arguments == {snake_case(field.name) for field in CONFIG_FIELDS}


@pulumi.runtime.test
def test_values_keep_their_keys(recorder):
    """The names of arguments are turned to the API's, the keys inside of values are not."""
    pool = sdk.WorkPool("pool", name="p", type="process")
    deployment = sdk.Deployment(
        "deployment",
        name="d",
        flow_name="f",
        work_pool_id=pool.work_pool_id,
        parameters={"snake_key": {"camelKey": [1]}},
    )

    def check(_):
        assert recorder.registered["deployment"].inputs == {
            "name": "d",
            "flowName": "f",
            "workPoolId": "uuid",
            "parameters": {"snake_key": {"camelKey": [1]}},
        }

    return deployment.urn.apply(check)


@pulumi.runtime.test
def test_get_looks_up(recorder):
    """`get` reads a resource by its import id, and gives its properties."""
    pool = sdk.WorkPool.get("existing", "p")

    def check(found):
        assert found == "uuid"
        assert recorder.registered["existing"].resource_id == "p"

    return pool.work_pool_id.apply(check)


@pulumi.runtime.test
def test_provider_settings_are_text(recorder):
    """Pulumi's protocol takes a provider's settings as text; keys become secrets."""
    provider = sdk.Provider("prefect", api_url="http://h/api", api_key="k", retries=3)

    def check(_):
        inputs = recorder.registered["prefect"].inputs
        assert (inputs["apiUrl"], inputs["retries"]) == ("http://h/api", "3")
        assert inputs["apiKey"] != "k"

    return provider.urn.apply(check)
