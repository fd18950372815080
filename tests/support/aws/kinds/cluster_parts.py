"""
What belongs to an EKS cluster and moto 5.2 knows nothing of: the double keeps it itself.

Each is refused when its cluster is not there, and gone when the cluster is, as in AWS.
"""

from __future__ import annotations

import secrets
import uuid
from datetime import UTC, datetime

from meta_prefect.interfaces.provider import ProviderError
from tests.support.aws import eks
from tests.support.aws.kind import Kind

_WHY = "moto 5.2 has no call for it"


def _build(kind, build_id, build_outputs, replaces):
    """
    Make the row of a kind of thing that is kept here.

    kind: where it is kept; build_id: its id from the call.
    build_outputs: what AWS adds to the inputs when it is made.
    """

    def create(call):
        eks.demand_cluster(call)
        id = build_id(call)
        if call.kept.read(kind, id) is not None:
            raise ProviderError(f"ResourceInUseException: {id} is already on the cluster")
        call.id = id
        call.kept.write(kind, id, {**call.inputs, "tags": call.tags, **build_outputs(call)})

    def read(call):
        found = call.kept.read(kind, call.id)
        if found is None or eks.find_cluster(call, found["clusterName"]) is None:
            return None
        return found

    def update(call):
        made = build_outputs(call).keys()
        outputs = {key: call.outputs[key] for key in made if key in call.outputs}
        call.kept.write(kind, call.id, {**outputs, **call.inputs, "tags": call.tags})

    return Kind(
        create,
        read,
        lambda call: call.kept.delete(kind, call.id),
        update,
        frozenset({"clusterName", *replaces}),
        kept=_WHY,
    )


def _now():
    return datetime.now(UTC).isoformat()


def _build_entry_outputs(call):
    inputs = call.inputs
    name = inputs["principalArn"].rpartition(":")[2]
    now = _now()
    return {
        "accessEntryArn": eks.build_arn(
            call, "access-entry", f"{inputs['clusterName']}/{name}/{uuid.uuid4()}"
        ),
        "createdAt": now,
        "modifiedAt": now,
        "type": inputs.get("type", "STANDARD"),
        "userName": inputs.get("userName", inputs["principalArn"]),
    }


def _build_addon_outputs(call):
    name, cluster, now = call.inputs["addonName"], call.inputs["clusterName"], _now()
    return {
        "arn": eks.build_arn(call, "addon", f"{cluster}/{name}/{uuid.uuid4()}"),
        "createdAt": now,
        "modifiedAt": now,
        "addonVersion": call.inputs.get("addonVersion", "v1.0.0-eksbuild.1"),
    }


def _build_association_outputs(call):
    id = call.id
    arn = eks.build_arn(call, "podidentityassociation", f"{call.inputs['clusterName']}/{id}")
    return {"associationId": id, "associationArn": arn}


KINDS = {
    "aws:eks/accessEntry:AccessEntry": _build(
        "eks-access-entry",
        lambda call: f"{call.inputs['clusterName']}:{call.inputs['principalArn']}",
        _build_entry_outputs,
        {"principalArn", "type"},
    ),
    "aws:eks/accessPolicyAssociation:AccessPolicyAssociation": _build(
        "eks-access-policy",
        lambda call: "#".join(
            call.inputs[name] for name in ("clusterName", "principalArn", "policyArn")
        ),
        lambda call: dict.fromkeys(("associatedAt", "modifiedAt"), _now()),
        {"principalArn", "policyArn", "accessScope"},
    ),
    "aws:eks/addon:Addon": _build(
        "eks-addon",
        lambda call: f"{call.inputs['clusterName']}:{call.inputs['addonName']}",
        _build_addon_outputs,
        {"addonName"},
    ),
    "aws:eks/podIdentityAssociation:PodIdentityAssociation": _build(
        "eks-pod-identity",
        lambda call: f"a-{secrets.token_hex(9)}",
        _build_association_outputs,
        {"namespace", "serviceAccount"},
    ),
}
