"""
A platform on AWS, and two flows on it: `meta-prefect up --program stacks/platform_eks`.

Network, cluster, nodes, worker, Dask, bucket and permissions follow from what the flows say.
"""

import pulumi
from flows import letters, squares

import meta_prefect

names = pulumi.Config().get_object("flows") or ["squares", "letters"]
for flow in (squares, letters):
    if flow.name in names:
        deployed = meta_prefect.deploy(flow)
        pulumi.export(flow.name, deployed.full_name)
