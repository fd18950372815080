"""The executable `pulumi-resource-aws` of the tests: the double behind the plugin protocol."""

from tests.support.aws.kept import read_folder
from tests.support.aws.provider import AwsDouble
from tests.support.plugins.serving import run_plugin


async def build(log):
    """Make the provider, with what it keeps in the folder of the environment."""
    return AwsDouble(read_folder())


if __name__ == "__main__":
    run_plugin(build, "pulumi-aws")
