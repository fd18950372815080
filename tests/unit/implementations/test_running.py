"""Pauses, retries, time limits, and fields that stay what they are in Prefect."""

from dataclasses import fields
from datetime import timedelta

import pytest
from prefect import flow

from meta_prefect.implementations.running import KEEPABLE, keep, paused, retries, timeout
from meta_prefect.interfaces.deployment import DeploymentSpec
from tests.unit.implementations.specs import BASE


def test_a_deployment_is_paused_or_left_alone():
    """Paused, not paused, by stack; without the builder nothing is said."""
    assert BASE.paused is None
    assert paused().update_deployment(BASE).paused is True
    assert paused(False).update_deployment(BASE).paused is False
    assert paused(in_stacks=("dev",)).update_deployment(BASE).paused is True
    assert paused(in_stacks=("prod",)).update_deployment(BASE).paused is False


def test_retries_and_time_limits_are_the_flows_own():
    """They act on the flow object, as its author's own would."""
    made = retries(3, delay=timedelta(minutes=1))(timeout(90)(flow(lambda: None)))

    assert (made.retries, made.retry_delay_seconds, made.timeout_seconds) == (3, 60, 90)


def test_fields_are_kept():
    """Names add up; only those of a spec can be kept."""
    spec = keep("tags", "version").update_deployment(keep("tags").update_deployment(BASE))

    assert spec.kept == ("tags", "version")
    assert {field.name for field in fields(DeploymentSpec)} >= KEEPABLE


@pytest.mark.parametrize(
    ("make", "error", "message"),
    [
        (lambda: paused(in_stacks="dev"), TypeError, r"paused\(in_stacks"),
        (lambda: retries(-1), ValueError, r"retries\(-1\)"),
        (lambda: retries(1, delay=-1), ValueError, r"retries\(delay=-1\)"),
        (lambda: timeout(0), ValueError, r"timeout\(after=0"),
        (lambda: keep("name"), ValueError, r'keep\("name"\)'),
    ],
)
def test_a_value_that_will_not_do_is_refused(make, error, message):
    """The message names the builder and the value."""
    with pytest.raises(error, match=message):
        make()
