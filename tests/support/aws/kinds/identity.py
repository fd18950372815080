"""IAM: roles, what is attached to them, policies, and providers of identities."""

from __future__ import annotations

import json
import secrets
import urllib.parse

from botocore.exceptions import ClientError

from tests.support.aws.kind import Kind
from tests.support.aws.shapes import ask, from_pairs, spell, to_pairs

_GONE = "NoSuchEntity"
_KEPT_CLIENTS = "iam-identity-provider"


def _ignore_gone(function, **parameters):
    try:
        return function(**parameters)
    except ClientError as error:
        if error.response["Error"]["Code"] != _GONE:
            raise
        return None


def write_document(value):
    """Write a document as JSON text, whether it came as text or as an object."""
    return value if isinstance(value, str) else json.dumps(value)


def _read_document(found):
    """Give a document as text; boto3 has read it already, or left it as in a URL."""
    if isinstance(found, str):
        found = json.loads(urllib.parse.unquote(found))
    return json.dumps(found)


def _find_name(call):
    return call.inputs.get("name") or f"{call.inputs['namePrefix']}{secrets.token_hex(8)}"


def create_role(call):
    name = _find_name(call)
    ask(
        call,
        "iam",
        "create_role",
        RoleName=name,
        AssumeRolePolicyDocument=write_document(call.inputs["assumeRolePolicy"]),
        Tags=to_pairs(call.tags),
    )
    call.id = name
    for arn in call.inputs.get("managedPolicyArns") or ():
        call.client("iam").attach_role_policy(RoleName=name, PolicyArn=arn)


def read_role(call):
    answer = _ignore_gone(call.client("iam").get_role, RoleName=call.id)
    if answer is None:
        return None
    role = answer["Role"]
    tags = from_pairs(role.pop("Tags", None))
    return spell(
        call,
        role,
        name=role["RoleName"],
        uniqueId=role["RoleId"],
        assumeRolePolicy=_read_document(role["AssumeRolePolicyDocument"]),
        permissionsBoundary=(role.get("PermissionsBoundary") or {}).get("PermissionsBoundaryArn"),
        tags=tags,
    )


def update_role(call):
    client = call.client("iam")
    if call.changed("assumeRolePolicy"):
        client.update_assume_role_policy(
            RoleName=call.id, PolicyDocument=write_document(call.inputs["assumeRolePolicy"])
        )
    if call.changed("description", "maxSessionDuration"):
        ask(call, "iam", "update_role", RoleName=call.id)
    old, new = (set(x.get("managedPolicyArns") or ()) for x in (call.old_inputs, call.inputs))
    for arn in sorted(new - old):
        client.attach_role_policy(RoleName=call.id, PolicyArn=arn)
    for arn in sorted(old - new):
        client.detach_role_policy(RoleName=call.id, PolicyArn=arn)
    present = client.list_role_tags(RoleName=call.id)["Tags"]
    gone = sorted({tag["Key"] for tag in present} - call.tags.keys())
    if gone:
        client.untag_role(RoleName=call.id, TagKeys=gone)
    client.tag_role(RoleName=call.id, Tags=to_pairs(call.tags))


def delete_role(call):
    client = call.client("iam")
    for arn in call.inputs.get("managedPolicyArns") or ():
        _ignore_gone(client.detach_role_policy, RoleName=call.id, PolicyArn=arn)
    _ignore_gone(client.delete_role, RoleName=call.id)


def create_attachment(call):
    ask(call, "iam", "attach_role_policy", RoleName=call.inputs["role"])
    call.id = f"{call.inputs['role']}/{call.inputs['policyArn']}"


def read_attachment(call):
    role, _, arn = call.id.partition("/")
    answer = _ignore_gone(call.client("iam").list_attached_role_policies, RoleName=role)
    attached = {policy["PolicyArn"] for policy in answer["AttachedPolicies"]} if answer else ()
    return {"role": role, "policyArn": arn} if arn in attached else None


def delete_attachment(call):
    role, _, arn = call.id.partition("/")
    _ignore_gone(call.client("iam").detach_role_policy, RoleName=role, PolicyArn=arn)


def put_role_policy(call):
    role = call.inputs["role"]
    name = call.id.partition(":")[2] or _find_name(call)
    call.client("iam").put_role_policy(
        RoleName=role, PolicyName=name, PolicyDocument=write_document(call.inputs["policy"])
    )
    call.id = f"{role}:{name}"


def read_role_policy(call):
    role, _, name = call.id.partition(":")
    answer = _ignore_gone(call.client("iam").get_role_policy, RoleName=role, PolicyName=name)
    if answer is None:
        return None
    return {"role": role, "name": name, "policy": _read_document(answer["PolicyDocument"])}


def delete_role_policy(call):
    role, _, name = call.id.partition(":")
    _ignore_gone(call.client("iam").delete_role_policy, RoleName=role, PolicyName=name)


def create_policy(call):
    answer = ask(
        call,
        "iam",
        "create_policy",
        PolicyName=_find_name(call),
        PolicyDocument=write_document(call.inputs["policy"]),
        Tags=to_pairs(call.tags),
    )
    call.id = answer["Policy"]["Arn"]


def read_policy(call):
    client = call.client("iam")
    answer = _ignore_gone(client.get_policy, PolicyArn=call.id)
    if answer is None:
        return None
    policy = answer["Policy"]
    version = client.get_policy_version(PolicyArn=call.id, VersionId=policy["DefaultVersionId"])[
        "PolicyVersion"
    ]
    tags = from_pairs(policy.pop("Tags", None))
    document = _read_document(version["Document"])
    return spell(call, policy, name=policy["PolicyName"], policy=document, tags=tags)


def update_policy(call):
    if call.changed("policy"):
        call.client("iam").create_policy_version(
            PolicyArn=call.id,
            PolicyDocument=write_document(call.inputs["policy"]),
            SetAsDefault=True,
        )


def delete_policy(call):
    client = call.client("iam")
    versions = _ignore_gone(client.list_policy_versions, PolicyArn=call.id)
    for version in versions["Versions"] if versions else ():
        if not version["IsDefaultVersion"]:
            client.delete_policy_version(PolicyArn=call.id, VersionId=version["VersionId"])
    _ignore_gone(client.delete_policy, PolicyArn=call.id)


def create_identity_provider(call):
    answer = ask(
        call,
        "iam",
        "create_open_id_connect_provider",
        ThumbprintList=call.inputs.get("thumbprintLists") or [],
        ClientIDList=call.inputs["clientIdLists"],
        Tags=to_pairs(call.tags),
    )
    call.id = answer["OpenIDConnectProviderArn"]


def read_identity_provider(call):
    answer = _ignore_gone(
        call.client("iam").get_open_id_connect_provider, OpenIDConnectProviderArn=call.id
    )
    if answer is None:
        return None
    return {
        "arn": call.id,
        "clientIdLists": answer["ClientIDList"],
        "thumbprintLists": answer["ThumbprintList"],
        "tags": from_pairs(answer.get("Tags")),
        **(call.kept.read(_KEPT_CLIENTS, call.id) or {}),
    }


def update_identity_provider(call):
    client = call.client("iam")
    if call.changed("thumbprintLists"):
        client.update_open_id_connect_provider_thumbprint(
            OpenIDConnectProviderArn=call.id, ThumbprintList=call.inputs["thumbprintLists"]
        )
    # moto 5.2 has no call to add a client or to take one away.
    clients = {"clientIdLists": call.inputs["clientIdLists"]}
    call.kept.write(_KEPT_CLIENTS, call.id, clients)
    client.tag_open_id_connect_provider(OpenIDConnectProviderArn=call.id, Tags=to_pairs(call.tags))


KINDS = {
    "aws:iam/role:Role": Kind(
        create_role,
        read_role,
        delete_role,
        update_role,
        frozenset({"path"}),
        name="name",
        prefix="namePrefix",
    ),
    "aws:iam/rolePolicyAttachment:RolePolicyAttachment": Kind(
        create_attachment, read_attachment, delete_attachment
    ),
    "aws:iam/rolePolicy:RolePolicy": Kind(
        put_role_policy,
        read_role_policy,
        delete_role_policy,
        put_role_policy,
        frozenset({"role"}),
        name="name",
        prefix="namePrefix",
    ),
    "aws:iam/policy:Policy": Kind(
        create_policy,
        read_policy,
        delete_policy,
        update_policy,
        frozenset({"path", "description"}),
        name="name",
        prefix="namePrefix",
    ),
    "aws:iam/openIdConnectProvider:OpenIdConnectProvider": Kind(
        create_identity_provider,
        read_identity_provider,
        lambda call: _ignore_gone(
            call.client("iam").delete_open_id_connect_provider, OpenIDConnectProviderArn=call.id
        ),
        update_identity_provider,
        frozenset({"url"}),
    ),
}
