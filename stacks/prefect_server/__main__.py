"""
A Prefect server of one's own: `meta-prefect up --program stacks/prefect_server`.

With PostgreSQL on a disk of its own. Settings: `databasePassword` and `authString` (secrets), and
`host`, `ingressClass`, `tlsSecret` to reach it from outside of the cluster.
"""

import os

import pulumi

from meta_prefect.components.platform.databases import PostgresInside
from meta_prefect.components.platform.existing_cluster import ExistingCluster
from meta_prefect.components.platform.namespace import Namespace
from meta_prefect.components.platform.prefect_server import PrefectServerOnKubernetes

config = pulumi.Config()
cluster = ExistingCluster("team", kubeconfig=os.environ.get("KUBECONFIG"))
namespace = Namespace("prefect", cluster=cluster.handle)
server = PrefectServerOnKubernetes(
    "main",
    namespace=namespace.handle,
    version=config.require("version"),
    database=PostgresInside(config.require_secret("databasePassword")),
    auth_string=config.get_secret("authString"),
    host=config.get("host") or "",
    ingress_class=config.get("ingressClass") or "",
    tls_secret=config.get("tlsSecret") or "",
)

pulumi.export("api", server.api_url)
pulumi.export("apiInside", server.internal_api_url)
