"""
The smallest flow that deploys itself: `meta-prefect up my_flow`.

An expert writes `local_flow` once; everyone else uses it in place of Prefect's `flow`.
"""

from prefect import flow

from meta_prefect.implementations.deployer import local_deployer

local_flow = local_deployer()(flow)


@local_flow
def my_flow(x: int, y: int) -> int:
    """Add two numbers x and y."""
    return x + y


if __name__ == "__main__":
    my_flow(x=1, y=2)
