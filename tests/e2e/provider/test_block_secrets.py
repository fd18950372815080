"""Secrets that only the schema of a block type makes so: the program marks none of them."""

import logging

import pulumi
import pytest

from meta_prefect.interfaces.engine import OperationKind, Outcome
from meta_prefect.provider import sdk
from tests.support.by_hand import connect
from tests.support.prefect_stack import PrefectStack

pytestmark = pytest.mark.e2e

UP, PREVIEW, REFRESH, DESTROY = (
    OperationKind.UP,
    OperationKind.PREVIEW,
    OperationKind.REFRESH,
    OperationKind.DESTROY,
)
FIELDS = {
    "title": "Vault",
    "type": "object",
    "block_type_slug": "e2e-vault",
    "secret_fields": ["token", "nested.key", "headers.*"],
    "properties": {
        "url": {"type": "string"},
        "token": {"type": "string"},
        "nested": {"type": "object"},
        "headers": {"type": "object"},
    },
}


def declare(word, *, broken=False):
    """Make a program whose secrets all begin with a word."""

    def program(options):
        type = sdk.BlockType("type", name="E2E vault", slug="e2e-vault", opts=options)
        schema = sdk.BlockSchema("schema", block_type_id=type.id, fields=FIELDS, opts=options)
        vault = sdk.BlockDocument(
            "vault",
            block_type_slug=type.slug,
            block_schema_id=schema.id,
            name="e2e-vault",
            data={
                "url": "https://in.the.open",
                "token": f"{word}-token",
                "nested": {"key": f"{word}-nested", "open": "in-the-open"},
                "headers": {"authorization": f"{word}-header"},
            },
            opts=options,
        )
        sdk.BlockDocument(
            "plain",
            block_type_slug="secret",
            name="e2e-plain",
            data={"value": {"password": f"{word}-value"}},
            opts=options,
        )
        sdk.Deployment(
            "deployment",
            name="e2e-secrets",
            flow_name="e2e-secrets",
            job_variables={"env": pulumi.Output.secret({"KEY": f"{word}-variable"})},
            storage_document_id="not-a-uuid" if broken else None,
            opts=pulumi.ResourceOptions.merge(options, pulumi.ResourceOptions(depends_on=[vault])),
        )

    return program


def test_no_secret_in_the_open(prefect_server, tmp_path, caplog):
    """A whole life leaves no secret in state, journal, history, logs, events, diffs or errors."""
    caplog.set_level(logging.DEBUG)
    stack, seen = PrefectStack(tmp_path, prefect_server.url), []

    def run(kind, program=None, outcome=Outcome.SUCCEEDED):
        result = stack.run(kind, program and stack._wrap(program))
        assert result.outcome is outcome, result.diagnostics
        seen.append(repr((result, stack.events)))
        seen.extend(path.read_text("utf-8", "replace") for path in files_of(tmp_path))

    for kind in (PREVIEW, UP, UP):
        run(kind, declare("hush1"))
    assert read_vault(prefect_server.url)["token"] == "hush1-token"
    change_vault(prefect_server.url, "hush2")
    run(REFRESH)
    assert "vault" in stack.stored
    for kind in (PREVIEW, UP):
        run(kind, declare("hush3"))
    run(UP, declare("hush4", broken=True), Outcome.FAILED)
    run(DESTROY)

    shown = "".join(seen)
    assert "in-the-open" in shown
    assert "hush" not in shown + caplog.text


def test_secrets_are_drift(prefect_server, tmp_path):
    """A secret that people change on the server is found by a refresh and put back by an up."""
    stack = PrefectStack(tmp_path, prefect_server.url)
    stack.succeed(UP, declare("hush1"))
    change_vault(prefect_server.url, "hush2")

    stack.succeed(REFRESH)
    found = stack.succeed(UP, declare("hush1"))
    token = read_vault(prefect_server.url)["token"]
    stack.succeed(DESTROY)

    assert found == {"update": 1}
    assert token == "hush1-token"


def files_of(folder):
    return [path for path in folder.rglob("*") if path.is_file()]


def read_vault(url):
    path = "/block_types/slug/e2e-vault/block_documents/name/e2e-vault"
    with connect(url) as client:
        answer = client.get(f"{path}?include_secrets=true")
    return answer.raise_for_status().json()["data"]


def change_vault(url, word):
    path = "/block_types/slug/e2e-vault/block_documents/name/e2e-vault"
    body = {"data": {"token": f"{word}-token"}}
    with connect(url) as client:
        id = client.get(path).raise_for_status().json()["id"]
        client.patch(f"/block_documents/{id}", json=body).raise_for_status()
