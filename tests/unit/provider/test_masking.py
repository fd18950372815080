import httpx
import pytest

from meta_prefect.interfaces.provider import CheckRequest, ProviderError
from meta_prefect.interfaces.values import Secret
from meta_prefect.provider.handler import Inputs
from meta_prefect.provider.masking import hide_secrets
from tests.support.provider_bench import urn_of
from tests.unit.provider.test_provider import DEPLOYMENT, POOL, run

HUSH = "hush-0815"


def test_secret_leaves_are_hidden():
    """Texts and numbers of secret parts are masked, the longest first; short ones tell nothing."""
    values = {"a": {"x": [HUSH, "hush"], "n": 12345, "s": "it"}, "b": "seen"}
    inputs = Inputs(values, frozenset({("a",), ("gone", 0, "x")}))

    text = hide_secrets(f"it says {HUSH} and 12345, not seen", inputs)

    assert text == "it says [secret] and [secret], not seen"


def test_server_s_refusal_repeats_no_secret():
    """A server that repeats a value in its refusal does not tell it to anybody."""

    async def create(fake, bench):
        detail = {"detail": f"{HUSH} is not of type 'integer'"}
        fake.faults = lambda request: httpx.Response(422, json=detail)
        values = {"name": "d", "flowName": "f", "jobVariables": {"env": Secret({"TOKEN": HUSH})}}
        with pytest.raises(ProviderError) as caught:
            await bench.create(DEPLOYMENT, values)

        assert "[secret] is not of type" in str(caught.value)
        assert HUSH not in str(caught.value)
        assert caught.value.__suppress_context__

    run(create)


def test_secret_of_an_overlay_is_secret_in_the_template():
    """What is laid over a template as a secret is none of the template's plain parts."""

    async def check(fake, bench):
        overlay = {
            "variables": {"env": {"default": Secret({"TOKEN": HUSH})}},
            "jobConfiguration": {"command": Secret(HUSH)},
        }
        values = {"name": "p", "type": "process", "templateOverlay": overlay}
        urn = urn_of(POOL, "p")
        checked = (await bench.provider.check(CheckRequest(urn, {}, values))).inputs
        template = checked["baseJobTemplate"]

        assert template["variables"]["properties"]["env"]["default"] == Secret({"TOKEN": HUSH})
        assert template["job_configuration"]["command"] == Secret(HUSH)
        assert template["variables"]["properties"]["working_dir"]["title"]

    run(check)


@pytest.mark.parametrize(
    ("token", "secret"), [(HUSH, True), ("{{ prefect.blocks.secret.token }}", False)]
)
def test_login_of_a_pull_step_is_secret(token, secret):
    """A login in clear makes the pull steps secret, on import as well; a reference does not."""

    async def check(fake, bench):
        step = {"git_clone": {"repository": "https://git.example/x", "access_token": token}}
        made = await bench.create(DEPLOYMENT, {"name": "d", "flowName": "f", "pullSteps": [step]})
        imported = await bench.import_(DEPLOYMENT, made.id)

        assert isinstance(made.inputs["pullSteps"], Secret) is secret
        assert isinstance(imported.inputs["pullSteps"], Secret) is secret
        (row,) = fake.deployments.values()
        assert row["pull_steps"] == [step]

    run(check)
