"""
Flows in a cluster that is there: `meta-prefect up --program stacks/existing_cluster`.

The cluster gets a namespace, a worker and the Dask operator, and nothing outside of that namespace
but Dask's kinds of objects and what the operator may see of them.
"""

import pulumi
from flows import doubles

import meta_prefect

deployed = meta_prefect.deploy(doubles)

pulumi.export("deployment", deployed.full_name)
pulumi.export("pool", deployed.pool_name)
