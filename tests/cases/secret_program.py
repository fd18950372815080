"""A Pulumi program whose secrets come from a file outside of the project."""

import json
import os
from pathlib import Path

import pulumi

from meta_prefect.provider import sdk

secrets = json.loads(Path(os.environ["SECRETS_FILE"]).read_text())


def hush(name):
    """Give a secret, marked as one."""
    return pulumi.Output.secret(secrets[name])


provider = sdk.Provider(
    "prefect",
    api_url=os.environ["SECRETS_API_URL"],
    custom_headers={"X-Team": secrets["header"]},
)
opts = pulumi.ResourceOptions(provider=provider)
pool = sdk.WorkPool(
    "pool",
    name="secrets-pool",
    type="process",
    template_overlay={"variables": {"env": {"default": {"FROM_OVERLAY": hush("overlay")}}}},
    opts=opts,
)
block = sdk.BlockDocument(
    "block",
    block_type_slug="secret",
    name="secrets-block",
    data={"value": secrets["block"]},
    opts=opts,
)
sdk.Variable("variable", name="secrets_variable", value=hush("variable"), opts=opts)
sdk.Deployment(
    "deployment",
    name="main",
    flow_name="secrets-flow",
    work_pool_name=pool.name,
    job_variables=pulumi.Output.secret(json.loads(secrets["job_variables"]))
    if "job_variables" in secrets
    else {"env": {"TOKEN": hush("job_variable")}, "stream_output": True},
    parameters={"password": hush("parameter"), "plain": "seen"},
    pull_steps=[{"git_clone": {"repository": "https://h/x", "access_token": secrets["step"]}}],
    schedules=[{"slug": "s", "interval": 3600, "parameters": {"key": hush("schedule")}}],
    description="told to everybody",
    opts=opts,
)
pulumi.export("token", hush("output"))
pulumi.export("block", block.data)
