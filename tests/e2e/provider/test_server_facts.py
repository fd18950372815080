"""
What handlers of blocks and automations believe about the server, each asked of it directly.

A failure here means that the server changed, not that a handler is wrong.
"""

import pytest

from tests.support.by_hand import connect

pytestmark = pytest.mark.e2e

TRIGGER = {"type": "event", "posture": "Reactive", "expect": ["facts.never"]}
NOTHING = [{"type": "do-nothing"}]
STARS = "********"


@pytest.fixture
def http(prefect_server):
    """Speak to the server without the provider."""
    with connect(prefect_server.url) as client:
        yield client


def make(http, path, body, status=201):
    answer = http.post(path, json=body)
    assert answer.status_code == status, f"the server changed: {answer.text}"
    return answer.json()


def make_schema(http, slug, **fields):
    type = make(http, "/block_types/", {"name": f"Facts {slug}", "slug": slug})
    schema = {
        "title": slug,
        "block_type_slug": slug,
        "secret_fields": ["token", "m.*"],
        "block_schema_references": {},  # in the checksum, and added when it is missing
        **fields,
    }
    return make(http, "/block_schemas/", {"block_type_id": type["id"], "fields": schema})


def make_block(http, schema, **fields):
    return make(
        http,
        "/block_documents/",
        {"block_type_id": schema["block_type_id"], "block_schema_id": schema["id"], **fields},
    )


def test_known_name_gives_the_old_block_type(http):
    """A block type with a known name and another slug is answered with 201 and the old type."""
    first = make(http, "/block_types/", {"name": "Facts", "slug": "facts-one"})
    second = make(http, "/block_types/", {"name": "Facts", "slug": "facts-two"})

    assert (second["id"], second["slug"]) == (first["id"], "facts-one")


def test_known_slug_is_a_conflict(http):
    """A block type with another name and a known slug is refused."""
    make(http, "/block_types/", {"name": "Facts three", "slug": "facts-three"})

    make(http, "/block_types/", {"name": "Facts four", "slug": "facts-three"}, status=409)


def test_schemas_are_told_apart_by_checksum_and_version(http):
    """A schema with other capabilities or secret fields is answered with 200 and the old one."""
    schema = make_schema(http, "facts-schema")
    body = {"block_type_id": schema["block_type_id"], "fields": schema["fields"]}
    other = {**schema["fields"], "secret_fields": []}

    assert make(http, "/block_schemas/", {**body, "capabilities": ["x"]}, 200)["id"] == schema["id"]
    assert make(http, "/block_schemas/", {**body, "fields": other}, 200)["id"] == schema["id"]
    assert make(http, "/block_schemas/", {**body, "version": "2"})["id"] != schema["id"]


def test_data_is_not_checked(http):
    """A block's data may lack what its schema requires, and hold what it does not know."""
    schema = make_schema(http, "facts-data", required=["url"], properties={"url": {}})

    assert make_block(http, schema, name="one", data={"x": 1})["data"] == {"x": 1}


def test_secrets_are_shown_when_asked_for(http):
    """Secret leaves are stars unless the secrets are asked for, below a wildcard too."""
    schema = make_schema(http, "facts-secrets")
    data = {"token": "t", "m": {"a": "b"}, "open": 1}
    made = make_block(http, schema, name="one", data=data)
    path = f"/block_documents/{made['id']}"

    assert made["data"] == {"token": STARS, "m": {"a": STARS}, "open": 1}
    assert http.get(path).json()["data"] == made["data"]
    assert http.get(f"{path}?include_secrets=true").json()["data"] == data


def test_filter_hides_anonymous_blocks(http):
    """Anonymous blocks are listed only when the criterion is sent as null."""
    schema = make_schema(http, "facts-anonymous")
    made = make_block(http, schema, is_anonymous=True, data={})
    wanted = {"id": {"any_": [made["id"]]}}

    hidden = make(http, "/block_documents/filter", {"block_documents": wanted}, 200)
    shown = make(
        http, "/block_documents/filter", {"block_documents": {**wanted, "is_anonymous": None}}, 200
    )

    assert (hidden, [row["id"] for row in shown]) == ([], [made["id"]])


def test_only_whole_values_are_references(http):
    """A reference that is a field's whole value is followed, one inside of it stays as it is."""
    schema = make_schema(http, "facts-references")
    target = make_block(http, schema, name="target", data={"open": 1})
    reference = {"$ref": {"block_document_id": target["id"]}}
    made = make_block(http, schema, name="one", data={"a": reference, "b": [reference]})

    assert made["data"] == {"a": {"open": 1}, "b": [reference]}
    assert made["block_document_references"]["a"]["block_document"]["id"] == target["id"]


def test_data_is_replaced_when_nothing_is_merged(http):
    """Without merging a removed key goes; the schema stays when none is sent."""
    schema = make_schema(http, "facts-merge")
    made = make_block(http, schema, name="one", data={"a": 1, "token": "t"})
    path = f"/block_documents/{made['id']}"
    http.patch(path, json={"data": {"b": 2}, "merge_existing_data": False}).raise_for_status()
    found = http.get(f"{path}?include_secrets=true").json()

    assert (found["data"], found["block_schema_id"]) == ({"b": 2}, schema["id"])


def test_storage_block_takes_its_deployments_along(http):
    """Deleting a block that a deployment loads its code from deletes the deployment."""
    schema = make_schema(http, "facts-storage")
    block = make_block(http, schema, name="one", data={})
    flow = make(http, "/flows/", {"name": "facts-storage"})
    body = {"name": "d", "flow_id": flow["id"], "storage_document_id": block["id"]}
    deployment = make(http, "/deployments/", body)
    http.delete(f"/block_documents/{block['id']}").raise_for_status()

    assert http.get(f"/deployments/{deployment['id']}").status_code == 404


def test_schema_of_secret_refers_to_nothing(http):
    """The schema of the type `secret` refers to a definition that it does not have."""
    type = http.get("/block_types/slug/secret").json()
    body = {"block_schemas": {"block_type_id": {"any_": [type["id"]]}}}
    (schema, *_) = make(http, "/block_schemas/filter", body, 200)

    assert "#/definitions/JsonValue" in str(schema["fields"]["properties"])
    assert "JsonValue" not in schema["fields"].get("definitions", {})


def test_automations_of_one_name_are_two(http):
    """Each POST makes another automation, whatever it is named."""
    body = {"name": "facts", "enabled": False, "trigger": TRIGGER, "actions": NOTHING}

    assert make(http, "/automations/", body)["id"] != make(http, "/automations/", body)["id"]


def test_unknown_keys_of_a_trigger_are_dropped(http):
    """A key that a trigger or an action does not have is dropped without a word."""
    body = {"name": "facts", "enabled": False}
    made = make(
        http,
        "/automations/",
        {**body, "trigger": {**TRIGGER, "x": 1}, "actions": [{"type": "do-nothing", "y": 1}]},
    )

    assert "x" not in made["trigger"]
    assert made["actions"] == NOTHING


def test_threshold_of_nothing_is_taken(http):
    """A threshold of 0 is stored, though it means nothing."""
    body = {"name": "facts", "enabled": False, "actions": NOTHING}
    made = make(http, "/automations/", {**body, "trigger": {**TRIGGER, "threshold": 0}})

    assert made["trigger"]["threshold"] == 0


def test_missing_thing_of_an_action_is_taken(http):
    """An action may be about a deployment that does not exist."""
    id = "00000000-0000-0000-0000-000000000001"
    body = {"name": "facts", "enabled": False, "trigger": TRIGGER}
    action = {"type": "run-deployment", "deployment_id": id}

    assert make(http, "/automations/", {**body, "actions": [action]})["actions"][0] == {
        **action,
        "source": "selected",
        "parameters": None,
        "job_variables": None,
        "schedule_after": 0.0,
    }


def test_text_as_the_time_of_a_proactive_trigger_breaks_the_server(http):
    """Seconds as text are taken of a Reactive trigger, and are a failure of a Proactive one."""
    body = {"name": "facts", "enabled": False, "actions": NOTHING}
    reactive = {**TRIGGER, "within": "PT1M"}

    assert make(http, "/automations/", {**body, "trigger": reactive})["trigger"]["within"] == 60.0
    make(http, "/automations/", {**body, "trigger": {**reactive, "posture": "Proactive"}}, 500)


def test_put_keeps_what_is_left_out(http):
    """Tags, description and whether it is enabled stay when a PUT does not name them."""
    body = {"name": "facts", "trigger": TRIGGER, "actions": NOTHING}
    kept = {"enabled": False, "tags": ["a"], "description": "d"}
    made = make(http, "/automations/", {**body, **kept})
    path = f"/automations/{made['id']}"
    http.put(path, json=body).raise_for_status()
    found = http.get(path).json()

    assert {key: found[key] for key in kept} == kept
    assert found["trigger"]["id"] != made["trigger"]["id"]


def test_payload_becomes_indented_text(http):
    """An object as the payload of a webhook is stored as its text."""
    schema = make_schema(http, "facts-hook")
    block = make_block(http, schema, name="one", data={})
    action = {"type": "call-webhook", "block_document_id": block["id"], "payload": {"a": 1}}
    body = {"name": "facts", "enabled": False, "trigger": TRIGGER, "actions": [action]}

    assert make(http, "/automations/", body)["actions"][0]["payload"] == '{\n  "a": 1\n}'
