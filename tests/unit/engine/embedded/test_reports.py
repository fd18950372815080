"""Events and counts."""

import pytest

from meta_prefect.engine.embedded.reports import Reporter, is_default_provider
from meta_prefect.engine.embedded.steps import Step
from meta_prefect.interfaces.diagnostics import Diagnostic
from meta_prefect.interfaces.engine import ConfigValue, Failure
from meta_prefect.interfaces.events import Op, Prelude
from tests.support.state import make_state

DEFAULT = "urn:pulumi:dev::conf::pulumi:providers:test::default_1_0_0"


def test_secret_config_is_masked():
    """The prelude shows that there is a secret, and not which."""
    events = []

    Reporter(events.append).prelude({"a:b": ConfigValue("v"), "a:c": ConfigValue("k", secret=True)})

    assert events == [Prelude({"a:b": "v", "a:c": "[secret]"})]


@pytest.mark.parametrize(
    ("urn", "default"),
    [
        (DEFAULT, True),
        (DEFAULT.replace("default_1_0_0", "default"), True),
        (DEFAULT.replace("default_1_0_0", "mine"), False),
        (DEFAULT.replace("pulumi:providers:test", "test:index:Thing"), False),
    ],
)
def test_default_providers(urn, default):
    """Only a provider that nobody named is a default one."""
    assert is_default_provider(urn) is default


@pytest.mark.parametrize(
    ("op", "counted"),
    [(Op.CREATE, 1), (Op.REPLACE, 1), (Op.CREATE_REPLACEMENT, 0), (Op.DELETE_REPLACED, 0)],
)
def test_counts(op, counted):
    """A replacement counts once, not by its halves."""
    reporter = Reporter(lambda _: None)
    state = make_state("a")

    reporter.count(Step(op, state.urn, None, state))

    assert reporter.changes.total() == counted


def test_the_first_failure_decides():
    """What made an operation fail is what happened first."""
    reporter = Reporter(lambda _: None)

    reporter.complain(Diagnostic("MP3001", "one"), Failure.RESOURCE)
    reporter.complain(Diagnostic("MP5103", "two"), Failure.TIMEOUT)

    assert reporter.failure is Failure.RESOURCE
    assert [item.summary for item in reporter.failures] == ["one", "two"]
