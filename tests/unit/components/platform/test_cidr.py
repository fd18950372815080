"""The plan of a network's addresses."""

from ipaddress import ip_network
from itertools import combinations

import pytest

from meta_prefect.components.platform.cidr import ZonePlan, plan_zones


def test_a_network_has_room_for_four_zones():
    """Each zone has a /20 for pods and a /24 for what faces outside."""
    assert plan_zones("10.64.0.0/16", 2) == (
        ZonePlan("10.64.0.0/20", "10.64.240.0/24"),
        ZonePlan("10.64.16.0/20", "10.64.241.0/24"),
    )


@pytest.mark.parametrize("prefix", range(16, 21))
def test_no_two_subnets_meet(prefix):
    """All subnets of the most zones lie in the network, apart from each other."""
    cidr = f"10.0.0.0/{prefix}"
    subnets = [
        ip_network(item) for zone in plan_zones(cidr, 4) for item in (zone.private, zone.public)
    ]

    assert all(item.subnet_of(ip_network(cidr)) for item in subnets)
    assert not any(first.overlaps(second) for first, second in combinations(subnets, 2))


def test_another_zone_moves_nothing():
    """The subnets of two zones are the first of those of three."""
    assert plan_zones("10.0.0.0/16", 3)[:2] == plan_zones("10.0.0.0/16", 2)


@pytest.mark.parametrize(
    ("cidr", "zones"),
    [
        ("10.0.0.0/24", 2),
        ("10.0.0.0/8", 2),
        ("fd00::/16", 2),
        ("10.0.0.1/16", 2),
        ("x", 1),
        ("10.0.0.0/16", 0),
        ("10.0.0.0/16", 5),
    ],
)
def test_what_is_no_network_for_a_cluster_is_refused(cidr, zones):
    """Too small, too large, of another family, with host bits, or too few or many zones."""
    with pytest.raises(ValueError, match=r"cidr|zones|does not appear|host bits"):
        plan_zones(cidr, zones)
