"""Requests of the program, read into records."""

import pytest
from pulumi.runtime.proto import resource_pb2, source_pb2

from meta_prefect.engine.embedded.failures import CallFailed
from meta_prefect.engine.embedded.packages import Parameter
from meta_prefect.engine.embedded.readings import (
    read_goal,
    read_id,
    read_need,
    read_package,
    read_position,
)
from meta_prefect.interfaces.values import UNKNOWN
from meta_prefect.interfaces.wire import UNKNOWN_TEXT

Request = resource_pb2.RegisterResourceRequest


def read(request, root=""):
    return read_goal(request, "urn:a", {}, root)


def test_what_nobody_said():
    """Options that are not set are told from options that are set to false."""
    silent = read(Request(type="p:i:T", name="a"))
    explicit = read(
        Request(protect=False, retainOnDelete=False, deleteBeforeReplaceDefined=True, custom=True)
    )

    assert (silent.protect, silent.retain_on_delete, silent.delete_before_replace) == (None,) * 3
    assert (explicit.protect, explicit.retain_on_delete) == (False, False)
    assert explicit.delete_before_replace is False


def test_a_flag_without_its_companion():
    """An SDK that only sets the flag itself is understood."""
    assert read(Request(deleteBeforeReplace=True)).delete_before_replace is True


def test_a_component_has_no_provider():
    """The provider of a component is for its children, and not its own."""
    assert read(Request(provider="ref")).provider == ""
    assert read(Request(provider="ref", custom=True)).provider == "ref"


def test_dependencies_of_properties():
    """Where a program does not say what each input depends on, each depends on everything."""
    silent, explicit = (Request(dependencies=["urn:z", "urn:b"]) for _ in range(2))
    silent.object["x"] = 1
    explicit.object["x"] = 1
    explicit.propertyDependencies["x"].urns.append("urn:b")

    assert read(silent).property_dependencies == {"x": ("urn:b", "urn:z")}
    assert read(explicit).property_dependencies == {"x": ("urn:b",)}


def test_timeouts():
    """Durations are read in seconds; what is none fails the call."""
    timeouts = resource_pb2.RegisterResourceRequest.CustomTimeouts
    goal = read(Request(customTimeouts=timeouts(create="1h30m", delete="2.5s")))

    assert goal.custom_timeouts == {"create": 5400, "delete": 2.5}
    with pytest.raises(CallFailed, match="customTimeouts"):
        read(Request(customTimeouts=timeouts(create="soon")))


@pytest.mark.parametrize(
    ("uri", "position"),
    [("file:///root/flows/a.py", "project:///flows/a.py#7"), ("file:///rooted/a.py", "")],
)
def test_positions_below_the_root(uri, position):
    """A position is told from the root of the project, and not at all outside of it."""
    request = Request(sourcePosition=source_pb2.SourcePosition(uri=uri, line=7))

    assert read_position(request, "/root") == position
    assert read_position(request, "") == ""


def test_packages():
    """A package is known by its name, version and parameter, without decoration."""
    parameter = resource_pb2.Parameterization(name="dns", version="3.1.0", value=b"v")
    need = read_package(
        resource_pb2.RegisterPackageRequest(
            name="bridge",
            version="v1.0.0",
            download_url="https://host/",
            checksums={"linux-amd64": b"\x01"},
            parameterization=parameter,
        )
    )

    assert (need.plugin, need.version, need.download_url) == ("bridge", "1.0.0", "https://host")
    assert need.checksums == (("linux-amd64", "01"),)
    assert need.parameter == Parameter("dns", "3.1.0", b"v")


@pytest.mark.parametrize(
    "token", ["p:index:Thing", "pulumi:providers:p", "pulumi:providers:p/method", "p:index:T/m"]
)
def test_the_package_of_a_token(token):
    """Types, providers, methods and methods of providers name their package."""
    assert read_need(Request(), token).package == "p"


def test_ids():
    """An id is a text, or is not known yet."""
    assert read_id("a-1") == "a-1"
    assert read_id(UNKNOWN_TEXT) is UNKNOWN
