"""Former URNs."""

import pytest

from meta_prefect.engine.embedded.aliases import list_alias_urns
from meta_prefect.engine.embedded.goals import AliasSpec, Goal
from meta_prefect.engine.urn import build_child_urn

GROUP = "urn:pulumi:dev::conf::app:index:Group::new"
OLD_GROUP = "urn:pulumi:dev::conf::app:index:Group::old"


def goal(name, *aliases, parent=""):
    urn = build_child_urn("dev", "conf", parent, "test:index:Thing", name)
    return Goal(urn, "test:index:Thing", name, True, {}, parent, aliases=aliases)


@pytest.mark.parametrize(
    ("spec", "urn"),
    [
        (AliasSpec(urn="urn:pulumi:x::y::t::n"), "urn:pulumi:x::y::t::n"),
        (AliasSpec(name="b"), "urn:pulumi:dev::conf::app:index:Group$test:index:Thing::b"),
        (
            AliasSpec(type="test:index:Old"),
            "urn:pulumi:dev::conf::app:index:Group$test:index:Old::a",
        ),
        (AliasSpec(no_parent=True), "urn:pulumi:dev::conf::test:index:Thing::a"),
        (AliasSpec(stack="s"), "urn:pulumi:s::conf::app:index:Group$test:index:Thing::a"),
        (AliasSpec(project="p"), "urn:pulumi:dev::p::app:index:Group$test:index:Thing::a"),
        (
            AliasSpec(parent="urn:pulumi:dev::conf::app:index:Other::o"),
            "urn:pulumi:dev::conf::app:index:Other$test:index:Thing::a",
        ),
    ],
)
def test_spec(spec, urn):
    """What an alias leaves open is as it is now."""
    assert list_alias_urns(goal("a", spec, parent=GROUP), {}) == [urn]


def test_renamed_parent():
    """A child of a renamed parent is looked for under the parent's old type and name."""
    found = list_alias_urns(goal("new-thing", parent=GROUP), {GROUP: OLD_GROUP})

    assert found == ["urn:pulumi:dev::conf::app:index:Group$test:index:Thing::old-thing"]


def test_renamed_parent_and_own_alias():
    """Own aliases come first, then the same under the parent's old name."""
    old = OLD_GROUP.replace("Group", "Team")
    found = list_alias_urns(goal("a", AliasSpec(name="b"), parent=GROUP), {GROUP: old})

    assert found == [
        "urn:pulumi:dev::conf::app:index:Group$test:index:Thing::b",
        "urn:pulumi:dev::conf::app:index:Team$test:index:Thing::a",
        "urn:pulumi:dev::conf::app:index:Team$test:index:Thing::b",
    ]


def test_no_alias_is_the_urn_itself():
    """An alias that says what is so anyway is left out."""
    assert list_alias_urns(goal("a", AliasSpec(name="a")), {}) == []
