from meta_prefect.provider.templates import (
    find_faults,
    find_template,
    hash_template,
    lay_over,
    read_packaged_metadata,
)

TEMPLATE = {
    "job_configuration": {"command": "{{ command }}", "env": {"A": "1"}},
    "variables": {
        "type": "object",
        "properties": {"command": {"type": "string", "default": "echo"}},
    },
}


def test_installed_prefect_has_templates():
    """The templates of the common worker types are found without importing Prefect."""
    metadata = read_packaged_metadata()

    for type in ("process", "kubernetes", "docker", "ecs"):
        template = find_template(metadata, type)
        assert template is not None
        assert list(find_faults(template)) == []
    assert find_template(metadata, "nonsense") is None


def test_overlay_changes_only_what_it_names():
    """An overlay sets defaults and merges the configuration; the rest of the template stays."""
    merged = lay_over(
        TEMPLATE,
        {
            "variables": {"command": {"default": "ls"}, "image": {"type": "string"}},
            "jobConfiguration": {"image": "{{ image }}", "env": {"B": "2"}},
        },
    )

    assert merged["variables"]["properties"] == {
        "command": {"type": "string", "default": "ls"},
        "image": {"type": "string"},
    }
    assert merged["job_configuration"] == {
        "command": "{{ command }}",
        "env": {"A": "1", "B": "2"},
        "image": "{{ image }}",
    }


def test_overlay_replaces_a_default_as_a_whole():
    """A default that is an object is not mixed with the one below it."""
    template = {
        "job_configuration": {},
        "variables": {"properties": {"env": {"default": {"A": "1"}}}},
    }

    merged = lay_over(template, {"variables": {"env": {"default": {"B": "2"}}}})

    assert merged["variables"]["properties"]["env"] == {"default": {"B": "2"}}


def test_faults_of_a_template():
    """A wrong set of keys and a placeholder without variable are named."""
    assert list(find_faults({"variables": {}})) == [
        "must have exactly the keys job_configuration and variables"
    ]
    assert list(find_faults({**TEMPLATE, "job_configuration": {"a": "{{ b }}"}})) == [
        "{{ b }} in job_configuration is not one of the variables"
    ]


def test_hash_ignores_the_order_of_keys():
    """Two templates that differ in the order of keys are the same template."""
    turned = dict(reversed(TEMPLATE.items()))

    assert hash_template(turned) == hash_template(TEMPLATE)
    assert hash_template({**TEMPLATE, "variables": {}}) != hash_template(TEMPLATE)
