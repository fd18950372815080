import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from meta_prefect.engine import urn as urns

GROUP = "urn:pulumi:dev::conf::app:index:Group::g"


def test_urn_of_a_child_holds_its_parents_types():
    """The qualified type of the parent stands before the child's own."""
    child = urns.build_child_urn("dev", "conf", GROUP, "app:index:Group", "h")

    assert child == "urn:pulumi:dev::conf::app:index:Group$app:index:Group::h"


@pytest.mark.parametrize("parent", ["", "urn:pulumi:dev::conf::pulumi:pulumi:Stack::conf-dev"])
def test_stack_does_not_count_as_a_parent(parent):
    """A resource below the stack has the same URN as one without a parent."""
    found = urns.build_child_urn("dev", "conf", parent, "t:i:T", "a")

    assert found == "urn:pulumi:dev::conf::t:i:T::a"


@given(st.text(min_size=1))
def test_name_may_hold_anything(name):
    """Taking a URN apart gives the name it was built with, colons included."""
    urn = urns.build_urn("dev", "conf", "app:index:Group", "t:i:T", name)

    parts = urns.parse_urn(urn)

    assert (parts.name, urns.urn_name(urn)) == (name, name)
    assert (parts.type, parts.qualified_type) == ("t:i:T", "app:index:Group$t:i:T")
    assert (urns.urn_type(urn), parts.stack, parts.project) == ("t:i:T", "dev", "conf")


@pytest.mark.parametrize("text", ["", "a::b::c::d", "urn:pulumi:dev::conf::t:i:T"])
def test_other_text_is_refused(text):
    """What does not have the form of a URN is not taken apart."""
    with pytest.raises(ValueError, match="not a URN"):
        urns.parse_urn(text)


def test_reference_is_split_at_its_last_separator():
    """A provider reference gives its URN and its id, and an empty one two empty texts."""
    reference = urns.join_reference("urn:pulumi:dev::conf::pulumi:providers:t::a::b", "id")

    assert urns.split_reference(reference) == (reference.removesuffix("::id"), "id")
    assert urns.split_reference("") == ("", "")


@pytest.mark.parametrize(
    ("pattern", "matches"),
    [
        (GROUP, True),
        ("**::g", True),
        ("**", True),
        ("urn:*:dev::*::app:*:Group::g", True),
        ("urn:pulumi:dev::*::g", False),
        ("*", False),
        ("**::h", False),
        ("urn.pulumi**", False),
    ],
)
def test_star_stays_between_colons(pattern, matches):
    """One star stands for text without a colon, two stars for any text, and a dot for a dot."""
    assert urns.build_matcher([pattern])(GROUP) is matches


def glob_matches(pattern, text):
    """Match naively: try every length for the first star."""
    if not pattern:
        return not text
    if pattern.startswith("**"):
        return any(glob_matches(pattern[2:], text[end:]) for end in range(len(text) + 1))
    if pattern.startswith("*"):
        reach = len(re.match("[^:]*", text).group())
        return any(glob_matches(pattern[1:], text[end:]) for end in range(reach + 1))
    return text[:1] == pattern[0] and glob_matches(pattern[1:], text[1:])


@given(st.text("*:a", max_size=7), st.text(":ab", max_size=7))
def test_matcher_agrees_with_a_naive_one(pattern, text):
    """Whatever the pattern, the matcher finds what trying every length finds."""
    assert urns.build_matcher([pattern])(text) == glob_matches(pattern, text)
