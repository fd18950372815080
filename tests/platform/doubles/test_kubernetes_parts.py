"""The parts of the Kubernetes double and its node that need no cluster."""

import asyncio
import base64
import json
from pathlib import Path

import pytest

from meta_prefect.interfaces.provider import (
    Changes,
    CheckRequest,
    ConfigureRequest,
    DiffRequest,
    ProviderError,
)
from meta_prefect.interfaces.values import UNKNOWN
from tests.support.kubernetes import objects
from tests.support.kubernetes.binary import find_binary
from tests.support.kubernetes.certificates import Authority
from tests.support.kubernetes.containers import Container
from tests.support.kubernetes.environment import Missing, build_environment
from tests.support.kubernetes.images import Image, find_image, read_images, write_images
from tests.support.kubernetes.kinds import find_lack
from tests.support.kubernetes.kubeconfig import KubeconfigError, load_kubeconfig, read_access
from tests.support.kubernetes.mounts import Mounts
from tests.support.kubernetes.provider import KubernetesDouble

_SERVER = {"clusters": [{"name": "c", "cluster": {"server": "https://one:6443/"}}]}
_CONTEXT = {"contexts": [{"name": "x", "context": {"cluster": "c", "user": "u"}}]}


def build_kubeconfig(user=None, server="https://one:6443/"):
    """Make a kubeconfig with one context."""
    cluster = {"server": server}
    return {
        "current-context": "x",
        "clusters": [{"name": "c", "cluster": cluster}],
        "contexts": [{"name": "x", "context": {"cluster": "c", "user": "u", "namespace": "n"}}],
        "users": [{"name": "u", "user": user or {"token": "t"}}],
    }


def ask(method, request, **settings):
    """Ask a double that is configured for no cluster."""

    async def run():
        double = KubernetesDouble()
        await double.configure(ConfigureRequest({"kubeconfig": "/nowhere", **settings}))
        try:
            return await getattr(double, method)(request)
        finally:
            await double.close()

    return asyncio.run(run())


def build_urn(type, name="a"):
    """Give the URN of a resource of a type."""
    return f"urn:pulumi:dev::flows::{type}::{name}"


_CONFIG_MAP = {"apiVersion": "v1", "kind": "ConfigMap"}


def diff(type, old, new, **settings):
    """Compare two sets of inputs of one resource."""
    return ask("diff", DiffRequest("n/a", build_urn(type), old, {}, new), **settings)


def test_a_name_is_made_and_kept():
    """An object without a name gets one made of the logical name, and keeps it."""
    urn = build_urn("kubernetes:core/v1:ConfigMap", "settings")

    made = ask("check", CheckRequest(urn, {}, _CONFIG_MAP)).inputs
    kept = ask("check", CheckRequest(urn, made, {**_CONFIG_MAP, "data": {"a": "b"}})).inputs

    assert made["metadata"]["name"].startswith("settings-")
    assert made["metadata"]["namespace"] == "default"
    assert kept["metadata"] == made["metadata"]


def test_kinds_outside_of_namespaces():
    """An object that lies in no namespace gets none."""
    urn = build_urn("kubernetes:core/v1:Namespace", "space")
    inputs = {"apiVersion": "v1", "kind": "Namespace"}

    made = ask("check", CheckRequest(urn, {}, inputs)).inputs

    assert "namespace" not in made["metadata"]


def test_a_name_that_only_the_server_knows():
    """A name that the server would make is refused: such an object cannot be applied again."""
    urn = build_urn("kubernetes:core/v1:ConfigMap")
    inputs = {**_CONFIG_MAP, "metadata": {"generateName": "a-"}}

    answer = ask("check", CheckRequest(urn, {}, inputs))

    assert [failure.property for failure in answer.failures] == ["metadata.generateName"]


def test_the_namespace_of_the_provider():
    """An object without a namespace is put into that of the provider."""
    urn = build_urn("kubernetes:core/v1:ConfigMap")

    made = ask("check", CheckRequest(urn, {}, _CONFIG_MAP), namespace="flows").inputs

    assert made["metadata"]["namespace"] == "flows"


@pytest.mark.parametrize(
    "type", ["kubernetes:apps/v1:Deploymen", "kubernetes:apps/v9:Deployment", "kubernetes:a/v1:B"]
)
def test_an_unknown_type_is_named(type):
    """A type that the SDK does not have is refused by its name."""
    with pytest.raises(ProviderError, match=type):
        ask("check", CheckRequest(build_urn(type), {}, {}))


@pytest.mark.parametrize(
    ("type", "old", "new", "settings", "replaces"),
    [
        ("core/v1:ConfigMap", {"data": {"a": "1"}}, {"data": {"a": "2"}}, {}, ("data",)),
        (
            "core/v1:ConfigMap",
            {"data": {"a": "1"}},
            {"data": {"a": "2"}},
            {"enableConfigMapMutable": "true"},
            (),
        ),
        (
            "core/v1:Secret",
            {"stringData": {"a": "1"}},
            {"stringData": {"a": "2"}},
            {"enableSecretMutable": True},
            (),
        ),
        ("apps/v1:Deployment", {"spec": {"replicas": 1}}, {"spec": {"replicas": 2}}, {}, ()),
        (
            "apps/v1:Deployment",
            {"spec": {"selector": {"matchLabels": {"a": "b"}}}},
            {"spec": {"selector": {"matchLabels": {"a": "c"}}}},
            {},
            ("spec",),
        ),
        (
            "core/v1:Service",
            {"metadata": {"name": "a"}},
            {"metadata": {"name": "b"}},
            {},
            ("metadata",),
        ),
        (
            "rbac.authorization.k8s.io/v1:RoleBinding",
            {"roleRef": {"name": "a"}},
            {"roleRef": {"name": "b"}},
            {},
            ("roleRef",),
        ),
    ],
)
def test_what_means_another_object(type, old, new, settings, replaces):
    """What Kubernetes cannot change replaces; data that may be mutable does not."""
    kind = {"kind": type.rpartition(":")[2]}

    answer = diff(f"kubernetes:{type}", {**kind, **old}, {**kind, **new}, **settings)

    assert answer.changes is Changes.SOME
    assert answer.replaces == replaces


def test_the_old_one_goes_first_when_it_has_the_name():
    """An object of a fixed name is deleted before another of that name; a made name is another."""
    old = {"kind": "ConfigMap", "metadata": {"name": "a"}, "data": {"x": "1"}}
    autonamed = {"name": "a", "annotations": {objects.AUTONAMED: "true"}}
    new = {**old, "data": {"x": "2"}}

    fixed = diff("kubernetes:core/v1:ConfigMap", old, new)
    made = diff(
        "kubernetes:core/v1:ConfigMap",
        {**old, "metadata": autonamed},
        {**new, "metadata": autonamed},
    )

    assert fixed.delete_before_replace
    assert not made.delete_before_replace


@pytest.mark.parametrize(
    ("old", "new", "replaces"),
    [
        ({}, {"namespace": "b"}, ()),
        ({"kubeconfig": "1"}, {"kubeconfig": UNKNOWN}, ()),
        ({"server": "https://one"}, {"server": "https://one", "token": "u"}, ()),
        ({"server": "https://one"}, {"server": "https://two"}, ("kubeconfig",)),
        (
            {"server": "https://one", "id": "a"},
            {"server": "https://two", "id": "a"},
            (),
        ),
    ],
)
def test_another_cluster_is_another_provider(old, new, replaces):
    """Only another server replaces the provider, and not even that for the same identifier."""

    def build(said):
        found = dict(said)
        if "server" in found:
            user = {"token": found.pop("token", "t")}
            found["kubeconfig"] = json.dumps(build_kubeconfig(user, found.pop("server")))
        if "id" in found:
            found["clusterIdentifier"] = found.pop("id")
        return found

    urn = build_urn("pulumi:providers:kubernetes")
    answer = ask("diff_config", DiffRequest("id", urn, build(old), {}, build(new)))

    assert answer.replaces == replaces


def test_quantities_are_numbers():
    """Quantities that say the same are the same, and other texts are none."""
    pairs = [("500m", "0.5"), ("1024Mi", "1Gi"), ("1k", "1000"), (2, "2")]

    assert all(objects.parse_quantity(a) == objects.parse_quantity(b) for a, b in pairs)
    assert objects.parse_quantity("nginx") is None


def test_live_inputs_are_what_the_program_said():
    """Only what the program said is compared: changed, gone, or the same in other words."""
    asked = {
        "kind": "Deployment",
        "metadata": {"name": "a", "labels": {"x": "1"}, "annotations": {}},
        "spec": {"replicas": 1, "cpu": "0.5", "paused": False},
    }
    live = {
        "kind": "Deployment",
        "metadata": {"name": "a", "uid": "u", "labels": {"y": "2"}},
        "spec": {"replicas": 3, "cpu": "500m", "more": True},
    }

    found = objects.find_live_inputs(asked, live)

    assert found == {
        "kind": "Deployment",
        "metadata": {"name": "a", "labels": {"x": None}},
        "spec": {"replicas": 3, "cpu": "0.5"},
    }


def test_schema_extensions_have_two_spellings():
    """Extensions of a schema are the SDK's on one side and Kubernetes' on the other."""
    sdk = {"schema": [{"x_kubernetes_int_or_string": True, "other_key": 1}]}
    server = {"schema": [{"x-kubernetes-int-or-string": True, "other_key": 1}]}

    assert objects.spell_for_server(sdk) == server
    assert objects.spell_for_sdk(server) == sdk


@pytest.mark.parametrize(
    ("kind", "live", "lack"),
    [
        ("apps/v1 ConfigMap", {}, None),
        (
            "apps/v1 Deployment",
            {"spec": {"replicas": 2}, "status": {"observedGeneration": 1, "updatedReplicas": 1}},
            "1 of 2 replicas are of the new kind",
        ),
        (
            "apps/v1 Deployment",
            {
                "spec": {"replicas": 1},
                "status": {"observedGeneration": 1, "updatedReplicas": 1, "replicas": 2},
            },
            "1 old replicas are still there",
        ),
        ("apps/v1 Deployment", {"spec": {}, "status": {}}, "the controller has not seen it yet"),
        ("batch/v1 Job", {"spec": {}}, "the job is not complete"),
        ("v1 Namespace", {"status": {"phase": "Active"}}, None),
    ],
)
def test_what_is_waited_for(kind, live, lack):
    """What an object lacks is said in its own words."""
    version, _, name = kind.partition(" ")
    whole = {"apiVersion": version, "kind": name, "metadata": {"generation": 1}, **live}

    assert find_lack(whole) == lack


def test_a_failed_job_is_not_waited_for():
    """A Job that failed is an error, with the reason that Kubernetes gives."""
    failed = {"type": "Failed", "status": "True", "message": "too often"}
    job = {"apiVersion": "batch/v1", "kind": "Job", "status": {"conditions": [failed]}}

    with pytest.raises(ProviderError, match="too often"):
        find_lack(job)


def test_a_kubeconfig_with_a_token(tmp_path):
    """A kubeconfig gives server, token and namespace of its current context."""
    access = read_access(load_kubeconfig(json.dumps(build_kubeconfig())), "", tmp_path)

    assert access.server == "https://one:6443"
    assert access.headers == {"Authorization": "Bearer t"}
    assert access.namespace == "n"


def test_a_kubeconfig_with_certificates(tmp_path):
    """Certificates in a kubeconfig are shown to the server and trusted."""
    authority = Authority(tmp_path)
    pair = authority.issue("me", "me")
    encode = {
        key: base64.b64encode(path.read_bytes()).decode()
        for key, path in {
            "certificate-authority-data": authority.pair.certificate,
            "client-certificate-data": pair.certificate,
            "client-key-data": pair.key,
        }.items()
    }
    config = build_kubeconfig(encode)
    config["clusters"][0]["cluster"] |= encode

    access = read_access(config, "", tmp_path)

    assert len(access.tls.get_ca_certs()) == 1


def test_a_kubeconfig_with_a_command(tmp_path):
    """A command of a kubeconfig is run for its token."""
    command = tmp_path / "token"
    command.write_text('#!/bin/sh\necho "{\\"status\\": {\\"token\\": \\"$1-$WHO\\"}}"\n')
    command.chmod(0o755)
    run = {"command": str(command), "args": ["a"], "env": [{"name": "WHO", "value": "b"}]}

    access = read_access(build_kubeconfig({"exec": run}), "", tmp_path)

    assert access.headers == {"Authorization": "Bearer a-b"}


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("/nowhere/at/all", "there is no kubeconfig at"),
        ("{}\n", "names no cluster"),
        ("a: [\n", "no YAML"),
        (json.dumps({**_SERVER, **_CONTEXT}), "no 'other' among its contexts"),
    ],
)
def test_a_kubeconfig_that_is_none(text, why, tmp_path):
    """What is wrong with a kubeconfig is said."""
    with pytest.raises(KubeconfigError, match=why):
        read_access(load_kubeconfig(text), "other", tmp_path)


def test_a_missing_command(tmp_path):
    """A command that is not there is named."""
    run = {"exec": {"command": "no-such-command"}}

    with pytest.raises(KubeconfigError, match="no-such-command"):
        read_access(build_kubeconfig(run), "", tmp_path)


def test_images_by_pattern(tmp_path):
    """The table of images survives its file, and names may be patterns."""
    images = {"prefect:*": Image(("python",), {"A": "b"}, {8080: 9090})}
    write_images(tmp_path / "images.json", images)

    found = read_images(tmp_path / "images.json")

    assert found == images
    assert find_image(found, "prefect:3") == images["prefect:*"]
    assert find_image(found, "other:3") is None


_HELD = {
    "Secret/keys": {"data": {"key": base64.b64encode(b"hush").decode()}},
    "ConfigMap/settings": {"data": {"colour": "blue"}},
}


class FakeApi:
    """An API server that has one Secret and one ConfigMap."""

    async def build_path(self, version, kind, namespace, name):
        return f"{kind}/{name}"

    async def get(self, path):
        return _HELD.get(path)


_POD = {
    "metadata": {"name": "p", "namespace": "n", "uid": "u", "labels": {"team": "data"}},
    "spec": {"nodeName": "node", "serviceAccountName": "runner"},
}


def read_environment(**container):
    """Build the environment of a container of a pod."""
    work = build_environment(FakeApi(), _POD, container, {"BASE": "1"}, str)
    return asyncio.run(work)


def test_the_environment_of_a_container():
    """Values, fields of the pod, Secrets and ConfigMaps become variables."""
    found = read_environment(
        envFrom=[{"configMapRef": {"name": "settings"}, "prefix": "S_"}],
        env=[
            {"name": "PLAIN", "value": "of $(S_colour)"},
            {"name": "UID", "valueFrom": {"fieldRef": {"fieldPath": "metadata.uid"}}},
            {"name": "TEAM", "valueFrom": {"fieldRef": {"fieldPath": "metadata.labels['team']"}}},
            {"name": "KEY", "valueFrom": {"secretKeyRef": {"name": "keys", "key": "key"}}},
            {
                "name": "NONE",
                "valueFrom": {"secretKeyRef": {"name": "no", "key": "k", "optional": True}},
            },
        ],
    )

    assert found == {
        "BASE": "1",
        "S_colour": "blue",
        "PLAIN": "of blue",
        "UID": "u",
        "TEAM": "data",
        "KEY": "hush",
    }


def test_an_environment_that_lacks_something():
    """A Secret that is not there, or lacks the key, keeps the container from starting."""
    for name, why in (("no", "not found"), ("keys", "couldn't find key other")):
        reference = {"secretKeyRef": {"name": name, "key": "other"}}
        with pytest.raises(Missing, match=why):
            read_environment(env=[{"name": "A", "valueFrom": reference}])


def test_paths_in_volumes(tmp_path):
    """A path in a volume is a folder of the pod; others stay."""
    mounts = Mounts({"volumeMounts": [{"name": "home", "mountPath": "/home/me"}]}, tmp_path)

    assert mounts.locate("/home/me/.prefect") == f"{tmp_path}/volumes/home/.prefect"
    assert mounts.locate("/home/meet") == "/home/meet"
    assert Path(mounts.locate("/home/me")).is_dir()


@pytest.mark.parametrize(
    ("command", "code", "said"),
    [
        (["/bin/sh", "-c", "echo $WHO; exit 3"], 3, "b\n"),
        (["/bin/sh", "-c", "kill -9 $$"], 137, ""),
        (["/no/such/program"], 127, ""),
    ],
)
def test_a_container_is_a_process(tmp_path, command, code, said):
    """A container ends with its process's code, and keeps what it has said."""
    container = Container({"name": "c", "image": "i", "command": command}, tmp_path)
    states = []

    async def note():
        states.append(dict(container.state))

    asyncio.run(container.run(Image(), {"WHO": "b"}, note))

    assert container.exit_code == code
    assert container.log.read_text() == said
    assert [list(state) for state in states] == ([["running"]] if code != 127 else [])


def test_the_executable_has_a_place_by_its_sources(tmp_path, monkeypatch):
    """Another version of Go builds another executable, in the user's cache."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    places = set()
    for version in ("one", "two"):
        go = tmp_path / version
        go.write_text(f"#!/bin/sh\necho {version}\n")
        go.chmod(0o755)
        places.add(find_binary(go))

    assert len(places) == 2
    assert all(tmp_path in place.parents for place in places)
