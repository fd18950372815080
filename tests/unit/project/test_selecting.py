"""How a flow or one of its deployments is named."""

import pytest

from meta_prefect.interfaces.diagnostics import MetaPrefectError
from meta_prefect.project.selecting import Selector, choose_deployment, parse_selector

KNOWN = {"f/deployment": "dev", "f/nightly": "nightly-dev"}


@pytest.mark.parametrize(
    ("text", "selector"),
    [
        ("my_flow", Selector("my_flow")),
        ("my_flow/nightly", Selector("my_flow", "nightly")),
        ("flows/etl.py:my_flow", Selector("flows/etl.py:my_flow")),
        ("flows/etl.py:my_flow/nightly", Selector("flows/etl.py:my_flow", "nightly")),
    ],
)
def test_a_selector_is_taken_apart(text, selector):
    """The deployment stands behind the flow, also when the flow is named by its file."""
    assert parse_selector(text) == selector


@pytest.mark.parametrize(
    ("wanted", "found"),
    [("nightly", "f/nightly"), ("nightly-dev", "f/nightly"), ("dev", "f/deployment")],
)
def test_a_deployment_is_found_by_either_name(wanted, found):
    """The project's name and Prefect's both lead to it."""
    assert choose_deployment("f", wanted, KNOWN) == found


def test_an_unknown_deployment_is_said_with_the_known():
    """The error lists what there is."""
    with pytest.raises(MetaPrefectError, match="MP1110") as caught:
        choose_deployment("f", "weekly", KNOWN)

    assert "f/nightly" in caught.value.diagnostic.why
