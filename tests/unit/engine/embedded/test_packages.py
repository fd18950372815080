"""What a provider's inputs say about its plugin."""

import pytest

from meta_prefect.engine.embedded.packages import Parameter, PluginNeed, add_need, read_need

NEEDS = [
    PluginNeed("aws"),
    PluginNeed("aws", "7.1.0"),
    PluginNeed("aws", "7.1.0", "https://x", (("linux-amd64", "ab"),), None, (("NEW", "OLD"),)),
    PluginNeed("bridge", "1.0.0", parameter=Parameter("dns", "3.1.0", b"\x00dns")),
    PluginNeed("bridge", parameter=Parameter("dns", "3.1.0", b"dns")),
]


@pytest.mark.parametrize("need", NEEDS)
def test_there_and_back(need):
    """What is written into the inputs is found in them again."""
    assert read_need(need.package, add_need({"region": "eu"}, need)) == need


def test_the_form():
    """The package's version is configuration; the plugin's own and its parameter are not."""
    need = PluginNeed("bridge", "1.0.0", parameter=Parameter("dns", "3.1.0", b"dns"))

    assert add_need({}, need) == {
        "version": "3.1.0",
        "__internal": {"name": "bridge", "version": "1.0.0", "parameterization": "ZG5z"},
    }


def test_nothing_is_needed():
    """A package without a version leaves the inputs as they are."""
    assert add_need({"x": 1}, PluginNeed("test")) == {"x": 1}


def test_old_records():
    """Providers stored by old engines say everything at the top."""
    inputs = {"version": "v6.0.0", "pluginDownloadURL": "https://x"}

    assert read_need("aws", inputs) == PluginNeed("aws", "6.0.0", "https://x")


def test_a_damaged_parameter():
    """A parameter that cannot be read is an error."""
    with pytest.raises(ValueError, match=r"base64|Base64|padding"):
        read_need("dns", {"__internal": {"parameterization": "%"}})
