"""
The plan of a network's addresses.

Pure. A zone's subnets stay where they are when another zone is added.
"""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import IPv4Network, ip_network
from typing import Final

MOST_ZONES: Final = 4
_LARGEST_PREFIX: Final = 16  # of a VPC
_SMALLEST_PREFIX: Final = 20  # below it a zone has fewer addresses than a few nodes have pods
_PRIVATE_BITS: Final = 4
_PUBLIC_BITS: Final = 8


@dataclass(frozen=True, slots=True)
class ZonePlan:
    """
    The subnets of one zone, as CIDR blocks.

    private: for nodes and pods, each of which takes an address.
    public: for load balancers and NAT gateways.
    """

    private: str
    public: str


def plan_zones(cidr: str, zones: int) -> tuple[ZonePlan, ...]:
    """
    Divide a network: a sixteenth of it for the pods of each zone, little for what faces outside.

    Raises:
        ValueError: the block is none, too small for a cluster or larger than a network can be, or
            there are too few or too many zones.
    """
    network = _read_network(cidr)
    if not 1 <= zones <= MOST_ZONES:
        raise ValueError(f"zones={zones}: between 1 and {MOST_ZONES}")
    private = list(network.subnets(prefixlen_diff=_PRIVATE_BITS))
    public = list(private[-1].subnets(prefixlen_diff=_PUBLIC_BITS - _PRIVATE_BITS))
    return tuple(ZonePlan(str(private[zone]), str(public[zone])) for zone in range(zones))


def _read_network(cidr: str) -> IPv4Network:
    network = ip_network(cidr)
    if not isinstance(network, IPv4Network):
        raise ValueError(f'cidr="{cidr}": an IPv4 block, such as 10.64.0.0/16')  # noqa: TRY004
    if not _LARGEST_PREFIX <= network.prefixlen <= _SMALLEST_PREFIX:
        raise ValueError(
            f'cidr="{cidr}": a block from /{_LARGEST_PREFIX} to /{_SMALLEST_PREFIX}, as each pod '
            "takes an address"
        )
    return network
