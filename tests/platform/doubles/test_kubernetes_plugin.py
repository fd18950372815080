"""Programs with the SDK's own classes run on a real API server through the Kubernetes double."""

import os

import pulumi
import pulumi_kubernetes as k8s
import pytest

from meta_prefect.engine.embedded.plugin_finder import PluginPlace
from meta_prefect.interfaces.engine import Outcome
from tests.support.embedded import EmbeddedBench
from tests.support.kubernetes.images import Image

pytest_plugins = ["tests.support.kubernetes.world"]

_LABELS = {"app": "web"}


@pytest.fixture
def bench(kubernetes, tmp_path):
    """A stack whose only plugin is the double, and that may fetch nothing."""
    place = PluginPlace(
        {**os.environ, **kubernetes.environment}, tmp_path / "home", {}, may_download=False
    )
    return EmbeddedBench(tmp_path / "state", plugins=place)


def declare_deployment(namespace, replicas=1, force=False, image="web"):
    """A Deployment of one small container."""
    annotations = {"pulumi.com/patchForce": "true"} if force else {}
    return k8s.apps.v1.Deployment(
        "web",
        metadata={"name": "web", "namespace": namespace, "annotations": annotations},
        spec={
            "replicas": replicas,
            "selector": {"match_labels": _LABELS},
            "template": {
                "metadata": {"labels": _LABELS},
                "spec": {
                    "containers": [
                        {
                            "name": "web",
                            "image": image,
                            "resources": {"requests": {"cpu": "0.5", "memory": "1024Mi"}},
                        }
                    ]
                },
            },
        },
    )


_SLEEPER = {"web": Image(("/bin/sleep", "600"))}


def test_objects_come_stay_change_and_go(bench, kubernetes):
    """A program of the official SDK is made, kept, changed and destroyed on a real API server."""

    def program(colour="blue"):
        space = k8s.core.v1.Namespace("space", metadata={"labels": {"stack": "dev"}})
        provider = k8s.Provider("here", enable_config_map_mutable=True)
        k8s.core.v1.ConfigMap(
            "settings",
            metadata={"namespace": space.metadata.name},
            data={"colour": colour},
            opts=pulumi.ResourceOptions(provider=provider),
        )
        pulumi.export("space", space.metadata.name)

    made = bench.up(program)
    kept = bench.up(program)
    kept_steps = bench.steps
    changed = bench.up(lambda: program("red"))
    changed_steps = bench.steps
    name = made.outputs["space"].value
    maps = kubernetes.get(f"/api/v1/namespaces/{name}/configmaps")["items"]
    gone = bench.destroy()

    runs = (made, kept, changed, gone)
    assert [run.outcome for run in runs] == [Outcome.SUCCEEDED] * 4, bench.messages
    assert {op for op, _ in kept_steps} == {"same"}
    assert ("update", "settings") in changed_steps
    assert {"colour": "red"} in [item["data"] for item in maps if "data" in item]
    assert kubernetes.get(f"/api/v1/namespaces/{name}") is None


def test_a_rollout_is_waited_for(bench, kubernetes, start_node):
    """A Deployment is made when its pods run, and counts as the same however units are written."""
    start_node(_SLEEPER)

    made = bench.up(lambda: declare_deployment(kubernetes.namespace, replicas=2))
    path = f"/apis/apps/v1/namespaces/{kubernetes.namespace}/deployments/web"
    live = kubernetes.get(path)
    bench.refresh()
    bench.up(lambda: declare_deployment(kubernetes.namespace, replicas=2))

    assert made.outcome is Outcome.SUCCEEDED
    assert live["status"]["availableReplicas"] == 2
    assert {op for op, _ in bench.steps} == {"same"}


def test_a_scaled_deployment_is_mended(bench, kubernetes, start_node):
    """A Deployment scaled by hand shows in a refresh, and the next `up` scales it back."""
    start_node(_SLEEPER)
    path = f"/apis/apps/v1/namespaces/{kubernetes.namespace}/deployments/web"

    bench.up(lambda: declare_deployment(kubernetes.namespace, force=True))
    kubernetes.patch(f"{path}/scale", {"spec": {"replicas": 3}})
    bench.refresh()
    seen = bench.stored["web"].inputs["spec"]["replicas"]
    result = bench.up(lambda: declare_deployment(kubernetes.namespace, force=True))

    assert seen == 3
    assert result.outcome is Outcome.SUCCEEDED
    assert ("update", "web") in bench.steps
    assert kubernetes.get(path)["spec"]["replicas"] == 1


def test_a_conflict_is_explained(bench, kubernetes, start_node):
    """Without the annotation that takes it over, somebody else's field is a conflict."""
    start_node(_SLEEPER)
    path = f"/apis/apps/v1/namespaces/{kubernetes.namespace}/deployments/web"

    bench.up(lambda: declare_deployment(kubernetes.namespace))
    kubernetes.patch(f"{path}/scale", {"spec": {"replicas": 3}})
    result = bench.up(lambda: declare_deployment(kubernetes.namespace, replicas=2))

    assert result.outcome is Outcome.FAILED
    assert any("pulumi.com/patchForce" in text for _, text in bench.messages)


def test_what_is_gone_comes_back(bench, kubernetes):
    """What somebody deletes is gone after a refresh, and the next `up` makes it again."""

    def program():
        k8s.core.v1.ServiceAccount(
            "runner", metadata={"name": "runner", "namespace": kubernetes.namespace}
        )

    path = f"/api/v1/namespaces/{kubernetes.namespace}/serviceaccounts/runner"
    bench.up(program)
    kubernetes.delete(path)
    bench.refresh()
    gone = "runner" not in bench.stored
    bench.up(program)

    assert gone
    assert kubernetes.get(path) is not None


def test_a_typo_is_refused(bench):
    """A wrong name deep in a pod's spec fails before anything is made."""

    class Job(pulumi.CustomResource):
        def __init__(self, name, **props):
            super().__init__("kubernetes:batch/v1:Job", name, props)

    container = {"name": "a", "imag": "web"}
    template = {"spec": {"restartPolicy": "Never", "containers": [container]}}
    result = bench.up(
        lambda: Job("j", apiVersion="batch/v1", kind="Job", spec={"template": template})
    )

    texts = " ".join(text for _, text in bench.messages)
    assert result.outcome is Outcome.FAILED
    assert "spec.template.spec.containers[0].imag" in texts
    assert "did you mean image?" in texts


def test_a_preview_asks_the_server(bench, kubernetes):
    """A preview is a dry run: what the server would refuse, it shows, and nothing is made."""

    def program(name):
        k8s.core.v1.ConfigMap("a", metadata={"name": name, "namespace": kubernetes.namespace})

    good = bench.preview(lambda: program("fine"))
    bad = bench.preview(lambda: program("Not_A_Name"))

    assert good.outcome is Outcome.SUCCEEDED
    assert bad.outcome is Outcome.FAILED
    path = f"/api/v1/namespaces/{kubernetes.namespace}/configmaps/fine"
    assert kubernetes.get(path) is None


def test_a_preview_of_what_the_program_makes_first(bench):
    """A preview shows objects whose namespace or kind does not exist yet."""

    def program():
        space = k8s.core.v1.Namespace("space", metadata={"name": "not-there-yet"})
        named = pulumi.ResourceOptions(depends_on=[space])
        k8s.core.v1.ConfigMap("a", metadata={"name": "a", "namespace": "not-there-yet"}, opts=named)
        k8s.apiextensions.CustomResource(
            "c",
            api_version="kubernetes.example.org/v1",
            kind="Thing",
            metadata={"name": "c", "namespace": "not-there-yet"},
            spec={"size": 3},
        )

    result = bench.preview(program)

    assert result.outcome is Outcome.SUCCEEDED
    assert {op for op, _ in bench.steps} == {"create"}


def test_a_definition_and_its_objects(bench, kubernetes):
    """A kind of one's own is established before its objects are made, in one program."""
    version = {
        "name": "v1",
        "served": True,
        "storage": True,
        "schema": {
            "open_apiv3_schema": {
                "type": "object",
                "x_kubernetes_preserve_unknown_fields": True,
            }
        },
    }

    def program():
        definition = k8s.apiextensions.v1.CustomResourceDefinition(
            "things",
            metadata={"name": "things.example.org"},
            spec={
                "group": "example.org",
                "scope": "Namespaced",
                "names": {"plural": "things", "singular": "thing", "kind": "Thing"},
                "versions": [version],
            },
        )
        k8s.apiextensions.CustomResource(
            "thing",
            api_version="example.org/v1",
            kind="Thing",
            metadata={"name": "one", "namespace": kubernetes.namespace},
            spec={"size": 3},
            opts=pulumi.ResourceOptions(depends_on=[definition]),
        )

    made = bench.up(program)
    path = f"/apis/example.org/v1/namespaces/{kubernetes.namespace}/things/one"
    found = kubernetes.get(path)
    kept = bench.up(program)
    kept_steps = bench.steps
    gone = bench.destroy()

    assert [run.outcome for run in (made, kept, gone)] == [Outcome.SUCCEEDED] * 3, made
    assert found["spec"] == {"size": 3}
    assert {op for op, _ in kept_steps} == {"same"}


def test_a_secret_stays_one(bench, kubernetes):
    """A Secret's text reaches the server, is kept as a secret, and is no drift."""

    def program():
        provider = k8s.Provider("here", enable_secret_mutable=True)
        k8s.core.v1.Secret(
            "key",
            metadata={"name": "key", "namespace": kubernetes.namespace},
            string_data={"key": pulumi.Output.secret("hush")},
            opts=pulumi.ResourceOptions(provider=provider),
        )

    bench.up(program)
    bench.refresh()
    bench.up(program)
    live = kubernetes.get(f"/api/v1/namespaces/{kubernetes.namespace}/secrets/key")

    assert live["data"] == {"key": "aHVzaA=="}
    assert {op for op, _ in bench.steps} == {"same"}
    assert "hush" not in repr(bench.stored["key"])


def test_no_cluster(bench, kubernetes, tmp_path):
    """Without a reachable cluster a preview goes by the inputs, and an `up` says why it fails."""

    def program():
        provider = k8s.Provider("there", kubeconfig=str(tmp_path / "nowhere"))
        k8s.core.v1.Namespace("space", opts=pulumi.ResourceOptions(provider=provider))

    preview = bench.preview(program)
    applied = bench.up(program)

    assert preview.outcome is Outcome.SUCCEEDED
    assert applied.outcome is Outcome.FAILED
    assert any("there is no kubeconfig at" in text for _, text in bench.messages)
