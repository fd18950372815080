import json

from meta_prefect.provider.function_registry import FUNCTIONS
from meta_prefect.provider.registry import HANDLERS
from meta_prefect.provider.schema import build_schema, render_schema
from meta_prefect.provider.settings import CONFIG_FIELDS


def test_schema_follows_the_tables():
    """Every kind, input, output, function and setting is in the schema, secrets marked."""
    kinds = [handler.kind for handler in HANDLERS.values()]

    built = build_schema("1.2.3", kinds, CONFIG_FIELDS, FUNCTIONS.values())
    schema = json.loads(render_schema(built))

    assert schema["name"] == "prefect"
    assert schema["version"] == "1.2.3"
    assert schema["resources"].keys() == HANDLERS.keys()
    assert schema["functions"].keys() == FUNCTIONS.keys()
    assert schema["provider"]["inputProperties"]["apiKey"]["secret"] is True
    for kind in kinds:
        resource = schema["resources"][kind.token]
        assert resource["inputProperties"].keys() == {field.name for field in kind.fields}
        assert resource["properties"].keys() >= {output.name for output in kind.outputs}
    for token, function in FUNCTIONS.items():
        told = schema["functions"][token]
        assert told["inputs"]["properties"].keys() == {item.name for item in function.arguments}
        assert told["outputs"]["properties"].keys() == {item.name for item in function.results}


def test_schema_says_what_replaces():
    """An input whose change makes a new object says so, in words and as a mark."""
    kinds = [HANDLERS["prefect:index:WorkPool"].kind]

    resource = build_schema("1", kinds, (), ())["resources"]["prefect:index:WorkPool"]

    type = resource["inputProperties"]["type"]
    assert type["willReplaceOnChanges"] is True
    assert type["description"].endswith("Replaces, old one first.")
    assert resource["requiredInputs"] == ["name", "type"]


def test_schema_gives_no_default_to_what_is_left_alone():
    """A class that others generate sends every default, and must not send what people set."""
    kinds = [HANDLERS["prefect:index:WorkPool"].kind]

    resource = build_schema("1", kinds, (), ())["resources"]["prefect:index:WorkPool"]

    assert "default" not in resource["inputProperties"]["paused"]
    assert resource["inputProperties"]["forceDelete"]["default"] is False
    assert "paused" not in resource["required"]
    assert {"name", "baseJobTemplate", "forceDelete", "workPoolId"} <= set(resource["required"])
