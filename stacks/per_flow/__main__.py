"""
Flows beside a team's own resources: `meta-prefect up --program stacks/per_flow`.

The team's pool and variable are plain resources. Their outputs go into the flows, and those of the
flows into an automation, so that all of it is one graph. `pulumi up` does the same.
"""

from pathlib import Path

import pulumi
from flows import invoices, orders

import meta_prefect
from meta_prefect.components.server import declare_existing_prefect, declare_local_prefect
from meta_prefect.provider import sdk

config = pulumi.Config()
api_url = config.get("apiUrl")
prefect = (
    declare_existing_prefect(api_url)
    if api_url
    else declare_local_prefect(Path(__file__).parent / ".meta_prefect" / "prefect")
)
in_prefect = pulumi.ResourceOptions(provider=prefect)
prefix = f"{pulumi.get_project()}-{pulumi.get_stack()}"

pool = sdk.WorkPool("pool", name=f"{prefix}-team", type="process", opts=in_prefect)
region = sdk.Variable(
    "region",
    name=f"{prefix}-region".replace("-", "_"),
    value=config.get("region") or "eu",
    opts=in_prefect,
)

nightly = meta_prefect.deploy(
    orders,
    prefect=prefect,
    pools={"team": pool},
    parameters={"region": region.value},
    opts=pulumi.ResourceOptions(protect=config.get_bool("protected")),
)
monthly = meta_prefect.deploy(
    invoices,
    prefect=prefect,
    pools={"team": pool},
    parameters={"region": region.value},
)

sdk.Automation(
    "invoices-after-orders",
    name=f"{prefix}: invoices after orders",
    trigger={
        "type": "event",
        "posture": "Reactive",
        "expect": ["prefect.flow-run.Completed"],
        "match_related": {
            "prefect.resource.id": pulumi.Output.concat(
                "prefect.deployment.", nightly.deployment_id
            )
        },
    },
    actions=[
        {
            "type": "run-deployment",
            "source": "selected",
            "deployment_id": monthly.deployment_id,
        }
    ],
    opts=in_prefect,
)

pulumi.export("orders", nightly.full_name)
pulumi.export("invoices", monthly.full_name)
pulumi.export("pool", pool.name)
