"""Launch templates; each change is a new version."""

from __future__ import annotations

import secrets

from tests.support.aws import ec2
from tests.support.aws.kind import Kind
from tests.support.aws.shapes import fit, spell, unfit

# Where the SDK says one thing and the request another.
_RENAMED = {"vpcSecurityGroupIds": "securityGroupIds"}


def _build_data(call):
    model = call.client("ec2").meta.service_model
    shape = model.shape_for("RequestLaunchTemplateData")
    inputs = {_RENAMED.get(name, name): value for name, value in call.inputs.items()}
    return fit(shape, {key: value for key, value in inputs.items() if key != "tags"})


def create_template(call):
    inputs = call.inputs
    tags = ec2.build_tags(call, "launch-template")
    answer = call.client("ec2").create_launch_template(
        LaunchTemplateName=inputs.get("name") or f"{inputs['namePrefix']}{secrets.token_hex(8)}",
        LaunchTemplateData=_build_data(call),
        **({"VersionDescription": inputs["description"]} if inputs.get("description") else {}),
        **({"TagSpecifications": tags} if tags else {}),
    )
    call.id = answer["LaunchTemplate"]["LaunchTemplateId"]


def read_template(call):
    outputs = ec2.describe(
        call, "describe_launch_templates", "LaunchTemplateIds", "LaunchTemplates"
    )
    if outputs is None:
        return None
    version = call.client("ec2").describe_launch_template_versions(
        LaunchTemplateId=call.id, Versions=["$Latest"]
    )["LaunchTemplateVersions"][0]
    data = spell(call, version["LaunchTemplateData"])
    data.pop("tagSpecifications", None)
    return {
        **data,
        "vpcSecurityGroupIds": data.pop("securityGroupIds", None),
        "name": outputs["launchTemplateName"],
        # moto 5.2 describes a template with the tags that it was made with.
        "tags": ec2.read_tags(call),
        "arn": ec2.build_arn(call, "launch-template", call.id),
        "latestVersion": unfit(outputs["latestVersionNumber"], None),
        "defaultVersion": outputs["defaultVersionNumber"],
    }


def update_template(call):
    client = call.client("ec2")
    if call.changed(*((call.inputs.keys() | call.old_inputs.keys()) - {"tags"})):
        version = client.create_launch_template_version(
            LaunchTemplateId=call.id, LaunchTemplateData=_build_data(call)
        )["LaunchTemplateVersion"]
        if call.inputs.get("updateDefaultVersion"):
            client.modify_launch_template(
                LaunchTemplateId=call.id, DefaultVersion=str(version["VersionNumber"])
            )
    ec2.update_tags(call)


KINDS = {
    "aws:ec2/launchTemplate:LaunchTemplate": Kind(
        create_template,
        read_template,
        lambda call: ec2.delete(call, "delete_launch_template", LaunchTemplateId=call.id),
        update_template,
        name="name",
        prefix="namePrefix",
        changing=frozenset({"latestVersion", "defaultVersion"}),
    ),
}
