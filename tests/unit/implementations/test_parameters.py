"""Parameters of a deployment, some of them by stack."""

from dataclasses import replace

import pytest

from meta_prefect.implementations.parameters import enforce_schema, parameters
from tests.unit.implementations.specs import BASE


def test_values_are_laid_over_each_other():
    """A stack's own values win over the builder's, outer builders over inner ones."""
    inner = parameters({"stacks": 3}, rows=1)
    outer = parameters(rows=2, stacks={"prod": {"rows": 9}})

    here = outer.update_deployment(inner.update_deployment(BASE))
    there = outer.update_deployment(replace(BASE, stack="prod"))

    assert here.parameters == {"stacks": 3, "rows": 2}
    assert there.parameters == {"rows": 9}


def test_an_unknown_parameter_is_refused():
    """A name that the function does not have is said with those that it has."""
    spec = replace(BASE, parameter_schema={"properties": {"x": {}}})

    assert parameters(x=1).update_deployment(spec).parameters == {"x": 1}
    with pytest.raises(ValueError, match=r"parameters\(y=\.\.\.\): my-flow .*known: x"):
        parameters(y=1).update_deployment(spec)


def test_a_schema_is_enforced_or_not():
    """What the outermost builder says counts."""
    loose = enforce_schema(False).update_deployment(BASE)

    assert loose.enforce_parameter_schema is False
    assert enforce_schema().update_deployment(loose).enforce_parameter_schema is True


def test_a_value_without_a_json_form_is_refused():
    """Prefect stores parameters as JSON."""
    with pytest.raises(TypeError, match="parameters: x"):
        parameters(x=object())
    with pytest.raises(TypeError, match="parameters: prod: x"):
        parameters(stacks={"prod": {"x": object()}})
