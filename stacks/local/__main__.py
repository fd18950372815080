"""
A flow inside a Pulumi program: `meta-prefect up --program stacks/local`.

Everything else of the stack is declared beside it; the outputs of one feed the other.
"""

import pulumi
from flows import count_letters

import meta_prefect

deployed = meta_prefect.deploy(count_letters)

pulumi.export("deployment", deployed.full_name)
pulumi.export("deploymentId", deployed.deployment_id)
pulumi.export("page", deployed.ui_url)
pulumi.export("pool", deployed.pool_name)
