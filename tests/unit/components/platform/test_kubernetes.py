"""What the components inside a cluster declare; checked against the SDK."""

import pytest

from meta_prefect.components.platform.dask_operator import DaskOperator
from meta_prefect.components.platform.databases import (
    ExistingDatabase,
    PostgresInside,
    RdsPostgres,
)
from meta_prefect.components.platform.existing_cluster import ExistingCluster
from meta_prefect.components.platform.kubernetes_pool import KubernetesWorkPool, Queue
from meta_prefect.components.platform.kubernetes_worker import (
    Credential,
    KubernetesWorker,
    WorkerPods,
)
from meta_prefect.components.platform.namespace import ExistingNamespace, Namespace, Quota
from meta_prefect.components.platform.network import ExistingNetwork
from meta_prefect.components.platform.pod_identity import PodIdentity
from meta_prefect.components.platform.prefect_server import PrefectServerOnKubernetes
from tests.support.recording import record


def namespace(**options):
    """Declare a namespace in a cluster of somebody else."""
    cluster = ExistingCluster("lab", kubeconfig="{}").handle
    return Namespace("flows", cluster=cluster, **options).handle


def worker(**options):
    """Declare a worker in that namespace."""
    return KubernetesWorker(
        "main",
        pool_name="pool",
        namespace=options.pop("namespace", None) or namespace(),
        api_url="https://prefect.test/api",
        **options,
    )


def container(item):
    """Give the only container of a Deployment's pods."""
    (found,) = item.inputs["spec"]["template"]["spec"]["containers"]
    return found


def env(item):
    """Give the plain environment variables of a Deployment's pods."""
    return {entry["name"]: entry.get("value") for entry in container(item)["env"]}


def test_a_namespace_holds_project_and_stack():
    """Quota and policy stand in it, and nothing is in it before it is there."""
    made = record(lambda: namespace(quota=Quota(4, 8, 10), default_deny=True))

    assert made["namespace/flows/namespace"].inputs["metadata"]["name"] == "shop-dev-flows"
    assert made["namespace/flows/quota"].inputs["spec"]["hard"] == {
        "requests.cpu": "4000m",
        "requests.memory": "8192Mi",
        "pods": "10",
    }
    assert "namespace/flows/namespace" in made["namespace/flows/policy"].dependencies
    assert made["namespace/flows/quota"].provider == "cluster/lab/k8s"


def test_a_namespace_of_somebody_else_is_only_named():
    """No resource stands for it."""

    def program():
        cluster = ExistingCluster("lab", kubeconfig="{}").handle
        assert ExistingNamespace("theirs", cluster).handle.name == "theirs"

    assert record(program).keys() == {"cluster/lab", "cluster/lab/k8s"}


def test_a_pool_fills_in_where_its_jobs_are_made():
    """Namespace, image and account are defaults of the template, the rest is Prefect's own."""
    made = record(
        lambda: KubernetesWorkPool(
            "jobs",
            namespace=namespace(),
            image="i",
            service_account="s",
            queues=(Queue("fast", 1),),
            defaults={"stream_output": False},
        )
    )

    pool = made["work-pool/jobs/pool"].inputs
    assert (pool["name"], pool["type"]) == ("shop-dev-jobs", "kubernetes")
    variables = pool["templateOverlay"]["variables"]
    defaults = {key: item["default"] for key, item in variables.items() if "default" in item}
    assert defaults == {
        "namespace": "shop-dev-flows",
        "image": "i",
        "service_account_name": "s",
        "finished_job_ttl": 3600,
        "pod_watch_timeout_seconds": 600,
        "stream_output": False,
    }
    assert defaults.keys() <= (
        pool["baseJobTemplate"]["variables"]["properties"].keys() | {"stream_output"}
    )
    assert made["work-pool/jobs/queue-fast"].inputs["workPoolId"] == "pool-id"


def test_a_worker_is_a_deployment_with_its_own_rights():
    """It runs Prefect's image, asks nobody to install anything, and can write nowhere."""
    made = record(lambda: worker(pods=WorkerPods(limit=5, replicas=2)))

    item = made["worker/main/deployment"]
    pod = item.inputs["spec"]["template"]["spec"]
    assert container(item)["args"] == [
        "prefect",
        "worker",
        "start",
        "--type",
        "kubernetes",
        "--pool",
        "pool",
        "--with-healthcheck",
        "--install-policy",
        "never",
        "--limit",
        "5",
    ]
    assert item.inputs["spec"]["replicas"] == 2
    assert container(item)["livenessProbe"]["httpGet"] == {"path": "/health", "port": 8080}
    assert container(item)["securityContext"]["readOnlyRootFilesystem"] is True
    assert pod["securityContext"]["runAsUser"] == 1001
    assert pod["serviceAccountName"] == "main-worker"
    assert {volume["name"] for volume in pod["volumes"]} == {"home", "tmp"}
    assert "worker/main/binding" in item.dependencies
    assert made["worker/main/budget"].inputs["spec"]["maxUnavailable"] == 1


def test_a_worker_watches_its_namespace_only():
    """Otherwise it would watch all of them, which its role does not allow."""
    made = record(worker)

    found = env(made["worker/main/deployment"])
    assert found["PREFECT_API_URL"] == "https://prefect.test/api"
    assert found["PREFECT_INTEGRATIONS_KUBERNETES_OBSERVER_NAMESPACES"] == "shop-dev-flows"
    assert "worker/main/api-key" not in made


@pytest.mark.parametrize(
    ("kind", "own", "setting"),
    [
        ("api_key", "PREFECT_API_KEY", "WORKER_API_KEY_SECRET"),
        ("auth_string", "PREFECT_API_AUTH_STRING", "WORKER_API_AUTH_STRING_SECRET"),
    ],
)
def test_a_key_stands_in_a_secret_of_a_fixed_name(kind, own, setting):
    """Worker and Jobs refer to it, and no manifest holds it; another key makes pods anew."""
    made = record(lambda: worker(credential=Credential(kind, "s3cret")))

    item = made["worker/main/deployment"]
    assert made["worker/main/api-key"].inputs["metadata"]["name"] == "main-worker-api-key"
    (entry,) = [entry for entry in container(item)["env"] if entry["name"] == own]
    assert entry["valueFrom"]["secretKeyRef"] == {"name": "main-worker-api-key", "key": "value"}
    found = env(item)
    assert found[f"PREFECT_INTEGRATIONS_KUBERNETES_{setting}_NAME"] == "main-worker-api-key"
    assert found[f"PREFECT_INTEGRATIONS_KUBERNETES_{setting}_KEY"] == "value"
    assert "s3cret" not in str(item.inputs)
    annotations = item.inputs["spec"]["template"]["metadata"]["annotations"]
    assert len(annotations["meta-prefect.io/credential"]) == 16


def test_a_secret_that_is_there_is_only_named():
    """No Secret is declared for it."""
    made = record(lambda: worker(credential=Credential("api_key", existing="theirs")))

    assert "worker/main/api-key" not in made
    assert "'name': 'theirs'" in str(container(made["worker/main/deployment"]))


def test_a_worker_with_an_identity_has_no_account_of_its_own():
    """Its pods wait for the account of the identity."""

    def program():
        place = namespace()
        worker(namespace=place, identity=PodIdentity("main", namespace=place))

    made = record(program)

    item = made["worker/main/deployment"]
    assert item.inputs["spec"]["template"]["spec"]["serviceAccountName"] == "identity-main"
    assert "identity/main/account" in item.dependencies
    assert "worker/main/account" not in made


def test_the_dask_operator_comes_with_its_kinds_and_few_rights():
    """Four kinds that stay, a role in each watched namespace, one operator at a time."""

    def program():
        first = namespace()
        second = ExistingNamespace("other", first.cluster).handle
        DaskOperator("main", namespace=first, watch=(first, second))

    made = record(program)

    kinds = [item for name, item in made.items() if "/crd-" in name]
    assert {item.inputs["spec"]["names"]["kind"] for item in kinds} == {
        "DaskCluster",
        "DaskWorkerGroup",
        "DaskJob",
        "DaskAutoscaler",
    }
    assert all(item.request.retainOnDelete for item in kinds)
    item = made["dask-operator/main/deployment"]
    assert item.inputs["spec"]["strategy"] == {"type": "Recreate"}
    assert container(item)["args"][1:] == ["--namespace=shop-dev-flows", "--namespace=other"]
    assert container(item)["image"].startswith("ghcr.io/dask/dask-kubernetes-operator:2026")
    assert {item.name for item in kinds} <= item.dependencies
    assert "dask-operator/main/binding-1" in item.dependencies
    roles = [item for item in made.values() if item.type.endswith("Role")]
    assert "*" not in str([item.inputs["rules"] for item in roles])


def test_a_server_is_one_pod_with_a_database_beside_it():
    """Disk, password, connection and service; its URL and its database's are secret or inside."""
    made = record(
        lambda: PrefectServerOnKubernetes(
            "main",
            namespace=namespace(),
            version="3.8.8",
            database=PostgresInside("pa55"),
            auth_string="user:word",
        )
    )

    server = made["prefect-server/main/server"]
    assert container(server)["args"] == ["prefect", "server", "start"]
    assert container(server)["startupProbe"]["failureThreshold"] == 30
    assert env(server)["PREFECT_UI_API_URL"] == (
        "http://main-prefect-server.shop-dev-flows.svc:4200/api"
    )
    assert "prefect-server/main/database" in server.dependencies
    connection = made["prefect-server/main/connection"].inputs["stringData"]
    assert connection["url"] == (
        "postgresql+asyncpg://prefect:pa55@main-prefect-server-database.shop-dev-flows.svc:5432/prefect"
    )
    assert "pa55" not in str(server.inputs)
    assert "user:word" not in str(server.inputs)
    database = made["prefect-server/main/database"].inputs["spec"]
    assert database["persistentVolumeClaimRetentionPolicy"]["whenDeleted"] == "Retain"
    assert database["volumeClaimTemplates"][0]["spec"]["resources"] == {
        "requests": {"storage": "10Gi"}
    }
    assert "prefect-server/main/ingress" not in made


def test_several_servers_migrate_once_and_meet_in_redis():
    """Database, migration, server and services in that order; a new version is a new Job."""
    made = record(
        lambda: PrefectServerOnKubernetes(
            "main",
            namespace=namespace(),
            version="3.8.8",
            database=ExistingDatabase("postgresql+asyncpg://x"),
            replicas=2,
            redis_url="redis://r:6379/0",
            host="prefect.example.com",
            tls_secret="tls",
        )
    )

    migrate, server, services = (
        made[f"prefect-server/main/{name}"] for name in ("migrate", "server", "services")
    )
    assert migrate.inputs["metadata"]["name"] == "main-prefect-server-migrate-3-8-8"
    assert "prefect-server/main/connection" in migrate.dependencies
    assert migrate.name in server.dependencies & services.dependencies
    assert container(server)["args"][-1] == "--no-services"
    assert env(services)["PREFECT_SERVER_DATABASE_MIGRATE_ON_START"] == "false"
    assert env(server)["PREFECT_UI_API_URL"] == "https://prefect.example.com/api"
    ingress = made["prefect-server/main/ingress"].inputs["spec"]
    assert ingress["tls"] == [{"hosts": ["prefect.example.com"], "secretName": "tls"}]


def test_a_database_of_amazon_is_protected_and_kept():
    """Encrypted, with a last snapshot, and reached by the cluster's nodes only."""

    def program():
        network = ExistingNetwork("vpc-1", ["a", "b"]).handle
        PrefectServerOnKubernetes(
            "main",
            namespace=namespace(),
            version="3.8.8",
            database=RdsPostgres("pa55", network, "sg-1"),
        )

    made = record(program)

    instance = made["prefect-server/main/database"]
    assert instance.inputs["identifier"] == "shop-dev-main-database"
    assert instance.inputs["deletionProtection"] is True
    assert instance.inputs["finalSnapshotIdentifier"] == "shop-dev-main-database-final"
    assert instance.request.retainOnDelete
    rule = made["prefect-server/main/database-access-clients"].inputs
    assert rule["referencedSecurityGroupId"] == "sg-1"


@pytest.mark.parametrize(
    ("options", "why"), [({"version": "3"}, "three numbers"), ({"replicas": 2}, "Redis")]
)
def test_a_server_that_could_not_work_is_refused(options, why):
    """A version that is not whole, and several servers that do not know each other."""
    whole = {"version": "3.8.8", "database": ExistingDatabase("x"), **options}

    def program():
        with pytest.raises(ValueError, match=why):
            PrefectServerOnKubernetes("main", namespace=namespace(), **whole)

    assert not [name for name in record(program) if name.startswith("prefect-server")]
