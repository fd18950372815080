"""The executable `pulumi-resource-kubernetes` of the tests: the double behind the protocol."""

from tests.support.kubernetes.provider import KubernetesDouble
from tests.support.plugins.serving import run_plugin


async def build(log):
    """Make the provider; it is told which cluster by its configuration."""
    return KubernetesDouble()


if __name__ == "__main__":
    run_plugin(build, "pulumi-kubernetes")
