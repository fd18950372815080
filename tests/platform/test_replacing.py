"""A network is not made anew in passing: on the AWS double, on both engines."""

import pytest

from meta_prefect.components.platform.network import Network
from meta_prefect.interfaces.engine import Failure, Outcome
from tests.support.aws.stack import build_embedded, build_pulumi
from tests.support.pulumi_cli import NEEDS_PULUMI

pytest_plugins = ["tests.support.aws.world"]
pytestmark = pytest.mark.e2e

VPC = "network/main/vpc"


@pytest.fixture(
    params=[build_embedded, pytest.param(build_pulumi, marks=NEEDS_PULUMI)],
    ids=["embedded", "pulumi"],
)
def stack(request, aws, tmp_path, monkeypatch):
    """A stack on each engine, with the AWS of this test."""
    for name, value in aws.environment.items():
        monkeypatch.setenv(name, value)
    return request.param(aws, tmp_path / "state")


def list_networks(aws):
    """Give the blocks of addresses of the networks that somebody made."""
    found = aws.client("ec2").describe_vpcs()["Vpcs"]
    return [vpc["CidrBlock"] for vpc in found if not vpc["IsDefault"]]


def test_a_network_is_replaced_only_when_it_is_meant(stack, aws):
    """Another block of addresses is refused, with cause and cure; with `--replace` it is done."""

    def move():
        Network("main", cidr="10.80.0.0/16", nat="none")

    stack.up(lambda: Network("main", nat="none"))

    looked = stack.preview(move)
    refused = stack.up(move)
    before = list_networks(aws)
    meant = stack.up(move, replaced=[VPC])

    assert (looked.outcome, looked.failure) == (Outcome.FAILED, Failure.REFUSED)
    assert refused.diagnostics == looked.diagnostics
    (said,) = looked.diagnostics
    assert said.summary == f"{VPC} would be replaced, with all that is in it"
    assert said.why == (
        f"{VPC}: cidrBlock changes from 10.64.0.0/16 to 10.80.0.0/16; "
        "lost with it: everything in the network"
    )
    assert said.fixes[1] == f"meta-prefect up --all --replace {VPC}"
    assert before == ["10.64.0.0/16"]
    assert meant.outcome is Outcome.SUCCEEDED, stack.messages
    assert list_networks(aws) == ["10.80.0.0/16"]
