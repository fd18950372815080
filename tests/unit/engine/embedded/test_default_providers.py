"""Default providers."""

import pytest

from meta_prefect.engine.embedded.default_providers import (
    build_default_goal,
    build_default_name,
    complete_need,
    find_known_needs,
    is_disabled,
)
from meta_prefect.engine.embedded.packages import Parameter, PluginNeed, add_need
from meta_prefect.engine.state.checkpoint import ResourceState
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


def make_providers(*needs):
    """Make records of providers, as they are stored."""
    type = "pulumi:providers:aws"
    return [
        ResourceState(f"urn:pulumi:dev::conf::{type}::p{number}", type, inputs=add_need({}, need))
        for number, need in enumerate(needs)
    ]


@pytest.mark.parametrize(
    ("versions", "newest"),
    [
        (("1.9.0", "1.10.0", ""), "1.10.0"),
        (("2.0.0", "2.0.0-rc.1"), "2.0.0"),
        (("",), ""),
    ],
)
def test_newest_plugin_in_state(versions, newest):
    """For a package, the newest of the plugins in state is the one to go on with."""
    needs = [PluginNeed("aws", version) for version in versions]

    assert find_known_needs(make_providers(*needs)) == {"aws": PluginNeed("aws", newest)}


def test_a_package_made_by_a_parameter_is_not_known():
    """What a parameter makes of a plugin has its need registered by the program."""
    need = PluginNeed("terraform", "1.0.0", parameter=Parameter("aws", "2.3.4", b"x"))

    assert find_known_needs(make_providers(need)) == {}


def test_what_a_need_says_is_kept():
    """Only what the program leaves open is taken from state."""
    known = PluginNeed("aws", "1.0.0", "https://x.io", (("linux-amd64", "00"),))

    assert complete_need(PluginNeed("aws"), None) == PluginNeed("aws")
    assert complete_need(PluginNeed("aws"), known) == known
    assert complete_need(PluginNeed("aws", "2.0.0"), known).version == "2.0.0"


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
