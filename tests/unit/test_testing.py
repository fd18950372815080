"""The test kit for builders, used as its readers would."""

from dataclasses import dataclass, replace

import pytest
from prefect import flow

from meta_prefect.implementations.deployer import local_deployer
from meta_prefect.implementations.deployments import deployment
from meta_prefect.implementations.metadata import tags_resolver
from meta_prefect.interfaces.components import Worker, WorkerPool
from meta_prefect.interfaces.diagnostics import MetaPrefectError
from meta_prefect.interfaces.flow_builder_interface import FlowBuilderInterface
from meta_prefect.testing import deployment_of, requirements_of


@dataclass(frozen=True, slots=True)
class Topic:
    """A record of a team's own."""

    name: str


class alarm(FlowBuilderInterface):  # noqa: N801 - used as a decorator
    """A builder of a team's own."""

    @property
    def requires(self):
        return {Topic("alarms")}

    def update_deployment(self, deployment):
        return replace(deployment, description=f"alarms of {deployment.stack}")


@deployment("nightly", alarm())
@deployment("hourly")
@local_deployer()
@tags_resolver(stack=True)
@flow
def often() -> None: ...


def test_a_flow_in_a_test_can_be_looked_at():
    """Also a flow without a name of its own; records need no component for that."""
    made = alarm()(local_deployer())(flow)(lambda: None)

    assert requirements_of(made) == {Topic("alarms"), WorkerPool(), Worker()}
    assert deployment_of(made, stack="prod").description == "alarms of prod"
    assert deployment_of(made, stack="prod").name == "prod"


def test_one_of_several_deployments_is_named():
    """Each has its own needs; without a name the choice is said."""
    assert Topic("alarms") in requirements_of(often, deployment="nightly")
    assert Topic("alarms") not in requirements_of(often, deployment="hourly")
    assert "stack=qa" in deployment_of(often, stack="qa", deployment="hourly").tags
    with pytest.raises(ValueError, match="hourly, nightly"):
        requirements_of(often)


def test_what_up_would_say_is_said():
    """A flow without builders is refused as the command does it."""
    with pytest.raises(MetaPrefectError, match="MP1103"):
        deployment_of(flow(lambda: None))
