"""The spec from which the tests of builders start."""

from meta_prefect.interfaces.deployment import DeploymentSpec, FlowSource

BASE = DeploymentSpec(
    "my-flow", "dev", FlowSource("/project", "f.py", "f", 3, "c0ffee"), stack="dev"
)
