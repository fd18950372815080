"""
A real Kubernetes for tests, and `pulumi-resource-kubernetes`, the provider plugin, on top of it.

The API server, etcd, the controllers and the scheduler are Kubernetes' own, in one executable built
by Go from `tests/support/kube` (ten minutes once, then from the user's cache; where Go is missing,
tests that need it are skipped with that reason). There are no containers: a node is a process that
runs what an image stands for as processes of this machine. Jobs, Deployments, probes, RBAC and
`pods/log` are real; pod addresses, Services, DNS, volumes and limits are not.

How a test uses it:

    pytest_plugins = ["tests.support.kubernetes.world"]

    def test_it(kubernetes, start_node, tmp_path):
        start_node({"web": Image(("/bin/sleep", "600"))}, labels={"pool": "big"})
        environment = {**os.environ, **kubernetes.environment}
        place = PluginPlace(environment, tmp_path, {}, may_download=False)
        bench = EmbeddedBench(tmp_path / "state", plugins=place)
        bench.up(program)
        kubernetes.get(f"/api/v1/namespaces/{kubernetes.namespace}/pods")

- `kubernetes` (a `KubernetesWorld`): `environment` is all that a process needs (KUBECONFIG, and
  PATH with the executable first); `kubeconfig` is the administrator's, as text, for an explicit
  provider; `namespace` is one of the test's own; `get`, `patch` and `delete` look at the API server
  or change it behind a stack's back, by path.
- `start_node(IMAGES, labels=..., capacity=...)`: a node; `images.build_python_image()` is the image
  of this interpreter, with `prefect`. Names may be patterns: `"prefecthq/prefect:*"`. A container
  finds a kubeconfig of its service account by KUBECONFIG. Without a node nothing runs: a Deployment
  of the program then waits for ever, unless it has the annotation `pulumi.com/skipAwait`.
- `eks`: an environment (a dict) for both doubles, in which EKS clusters of the AWS double are this
  API server, and `aws eks get-token` gives a token; take `tests.support.aws.world` too.
- `control_plane`: the processes themselves, once for each module of tests.

The plugin checks inputs against the classes of `pulumi_kubernetes`, previews by dry runs, applies
on the server's side with a field manager for each resource, waits for Deployments, StatefulSets,
DaemonSets, Jobs, Pods, Namespaces and CustomResourceDefinitions, and deletes in the foreground.
Like the official one it refuses to take over a field of another manager (`kubectl scale`) unless
the object has `pulumi.com/patchForce: "true"` or the provider `enablePatchForce`, and to make what
is there already unless the provider has `upsertExistingObjects`. ConfigMaps and Secrets are
replaced when their data changes, unless the provider has `enableConfigMapMutable` or
`enableSecretMutable`.
"""
