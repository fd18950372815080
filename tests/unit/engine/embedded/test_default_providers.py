"""Default providers."""

import pytest

from meta_prefect.engine.embedded.default_providers import (
    build_default_goal,
    build_default_name,
    is_disabled,
)
from meta_prefect.engine.embedded.packages import Parameter, PluginNeed
from meta_prefect.interfaces.engine import ConfigValue
from meta_prefect.interfaces.values import Secret


@pytest.mark.parametrize(
    ("need", "name"),
    [
        (PluginNeed("aws"), "default"),
        (PluginNeed("aws", "7.1.0"), "default_7_1_0"),
        (PluginNeed("aws", "7.1.0-alpha.3+abc"), "default_7_1_0_alpha_3_abc"),
        (PluginNeed("aws", "", "https://x.io/p"), "default_https_/x.io/p"),
        (
            PluginNeed("terraform", "1.0.0", parameter=Parameter("dns", "2.3.4", b"")),
            "default_2_3_4",
        ),
    ],
)
def test_name(need, name):
    """Version and download URL are part of the name."""
    assert build_default_name(need) == name


def test_goal():
    """A default provider has no parent and is configured from its package's config."""
    config = {
        "aws:region": ConfigValue("eu"),
        "aws:key": ConfigValue("k", secret=True),
        "conf:x": ConfigValue("y"),
    }

    goal = build_default_goal(PluginNeed("aws", "7.1.0", "https://x"), "dev", "conf", config)

    assert goal.urn == "urn:pulumi:dev::conf::pulumi:providers:aws::default_7_1_0_https_/x"
    assert goal.parent == ""
    assert goal.inputs == {
        "region": "eu",
        "key": Secret("k"),
        "version": "7.1.0",
        "__internal": {"pluginDownloadURL": "https://x"},
    }


@pytest.mark.parametrize(
    ("setting", "disabled"), [('["aws"]', True), ('["*"]', True), ("[]", False)]
)
def test_disabled(setting, disabled):
    """The stack's configuration may forbid default providers, one by one or all."""
    config = {"pulumi:disable-default-providers": ConfigValue(setting)}

    assert is_disabled("aws", config) is disabled
