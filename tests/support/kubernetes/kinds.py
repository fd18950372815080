"""
What the double knows of kinds: which lie in no namespace, what replaces them, when they are ready.

Sources: the validation of Kubernetes 1.37 (fields that may not change), and the documentation of
the official provider (what it waits for; ConfigMaps and Secrets are replaced unless mutable).
"""

from __future__ import annotations

from meta_prefect.interfaces.provider import ProviderError

# Without a server to ask, in a preview, this says where an object will be.
CLUSTER_KINDS = frozenset(
    {
        "APIService",
        "ClusterRole",
        "ClusterRoleBinding",
        "CustomResourceDefinition",
        "IngressClass",
        "MutatingWebhookConfiguration",
        "Namespace",
        "Node",
        "PersistentVolume",
        "PriorityClass",
        "RuntimeClass",
        "StorageClass",
        "ValidatingAdmissionPolicy",
        "ValidatingWebhookConfiguration",
    }
)

_ALWAYS = ("apiVersion", "kind", "metadata.name", "metadata.namespace")
_REPLACES = {
    "ClusterRoleBinding": ("roleRef",),
    "ConfigMap": ("binaryData", "data", "immutable"),
    "CustomResourceDefinition": ("spec.group", "spec.scope", "spec.names.plural"),
    "DaemonSet": ("spec.selector",),
    "Deployment": ("spec.selector",),
    "Job": ("spec.completions", "spec.completionMode", "spec.selector", "spec.template"),
    "PersistentVolumeClaim": (
        "spec.accessModes",
        "spec.selector",
        "spec.storageClassName",
        "spec.volumeMode",
        "spec.volumeName",
    ),
    "Pod": ("spec",),
    "PriorityClass": ("value", "preemptionPolicy"),
    "RoleBinding": ("roleRef",),
    "Secret": ("type", "data", "stringData", "immutable"),
    "Service": ("spec.clusterIP",),
    "StatefulSet": (
        "spec.podManagementPolicy",
        "spec.selector",
        "spec.serviceName",
        "spec.volumeClaimTemplates",
    ),
    "StorageClass": ("parameters", "provisioner", "reclaimPolicy", "volumeBindingMode"),
}
_MUTABLE = {"ConfigMap": ("binaryData", "data"), "Secret": ("data", "stringData")}


def list_replacing(kind, settings):
    """Name the paths whose change means another object."""
    own = _REPLACES.get(kind, ())
    free = _MUTABLE.get(kind, ()) if settings.is_mutable(kind) else ()
    return (*_ALWAYS, *(path for path in own if path not in free))


def find_lack(live):
    """
    Say what an object still lacks to be ready; None when it is.

    Raises:
        ProviderError: it will never be.
    """
    check = _CHECKS.get((live["apiVersion"].partition("/")[0], live["kind"]))
    return check(live) if check else None


def _find_condition(live, type):
    conditions = live.get("status", {}).get("conditions") or ()
    return next((item for item in conditions if item["type"] == type), {})


def _check_deployment(live):
    status, wanted = live.get("status", {}), live["spec"].get("replicas", 1)
    progress = _find_condition(live, "Progressing")
    if progress.get("reason") == "ProgressDeadlineExceeded":
        raise ProviderError(progress.get("message", "the rollout made no progress"))
    if status.get("observedGeneration", 0) < live["metadata"]["generation"]:
        return "the controller has not seen it yet"
    updated, available = (status.get(key, 0) for key in ("updatedReplicas", "availableReplicas"))
    if updated < wanted:
        return f"{updated} of {wanted} replicas are of the new kind"
    if status.get("replicas", 0) > updated:
        return f"{status['replicas'] - updated} old replicas are still there"
    return None if available >= wanted else f"{available} of {wanted} replicas are available"


def _check_stateful_set(live):
    status, wanted = live.get("status", {}), live["spec"].get("replicas", 1)
    if status.get("observedGeneration", 0) < live["metadata"]["generation"]:
        return "the controller has not seen it yet"
    ready = min(status.get(key, 0) for key in ("readyReplicas", "updatedReplicas"))
    return None if ready >= wanted else f"{ready} of {wanted} replicas are ready"


def _check_daemon_set(live):
    status = live.get("status", {})
    ready, wanted = (status.get(key, 0) for key in ("numberReady", "desiredNumberScheduled"))
    return None if ready >= wanted else f"{ready} of {wanted} pods are ready"


def _check_job(live):
    failed = _find_condition(live, "Failed")
    if failed.get("status") == "True":
        raise ProviderError(f"the job failed: {failed.get('message', 'it does not say why')}")
    complete = _find_condition(live, "Complete").get("status") == "True"
    return None if complete else "the job is not complete"


def _check_namespace(live):
    phase = live.get("status", {}).get("phase")
    return None if phase == "Active" else f"the namespace is {phase}"


def _check_definition(live):
    established = _find_condition(live, "Established").get("status") == "True"
    return None if established else "the kind is not established"


def _check_pod(live):
    if live.get("status", {}).get("phase") == "Succeeded":
        return None
    ready = _find_condition(live, "Ready").get("status") == "True"
    return None if ready else "the pod is not ready"


_CHECKS = {
    ("apps", "Deployment"): _check_deployment,
    ("apps", "StatefulSet"): _check_stateful_set,
    ("apps", "DaemonSet"): _check_daemon_set,
    ("batch", "Job"): _check_job,
    ("v1", "Namespace"): _check_namespace,
    ("v1", "Pod"): _check_pod,
    ("apiextensions.k8s.io", "CustomResourceDefinition"): _check_definition,
}
