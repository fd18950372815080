"""References to secrets, variables and blocks of Prefect."""

import pytest

from meta_prefect.implementations.environment import env
from meta_prefect.implementations.parameters import parameters
from meta_prefect.implementations.references import block, secret, variable
from tests.unit.implementations.specs import BASE


def test_a_reference_is_text_that_a_worker_resolves():
    """The texts are those of Prefect's templates, and go where text goes."""
    spec = env(KEY=secret("api-key"), REGION=variable("region")).update_deployment(BASE)

    assert spec.job_variables["env"] == {
        "KEY": "{{ prefect.blocks.secret.api-key }}",
        "REGION": "{{ prefect.variables.region }}",
    }
    assert block("database-credentials/main.host") == (
        "{{ prefect.blocks.database-credentials.main.host }}"
    )


def test_a_variable_in_a_parameter_is_resolved_by_the_server():
    """Parameters have a form of their own for variables."""
    spec = parameters(rows=variable("rows")).update_deployment(BASE)

    assert spec.parameters == {
        "rows": {"__prefect_kind": "workspace_variable", "variable_name": "rows"}
    }


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: secret("API key"), r'secret\("API key"\)'),
        (lambda: variable("a b"), r'variable\("a b"\)'),
        (lambda: block("secret"), r'block\("secret"\)'),
        (lambda: parameters(key=secret("a")), "parameters: key would show a secret"),
        (lambda: parameters(stacks={"dev": {"k": secret("a")}}), "parameters: dev: k would show"),
    ],
)
def test_a_value_that_will_not_do_is_refused(make, message):
    """The message names the reference and the value."""
    with pytest.raises(ValueError, match=message):
        make()
