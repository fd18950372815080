"""
A network of the stack's own, or one that is there.

Routes and rules stand in resources of their own: inline ones would undo them. ◇ A change of the
addresses replaces the subnets, and with them what runs there; another zone only adds.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, Final, Literal

import pulumi
import pulumi_aws as aws

from meta_prefect.components.platform.account import read_region, read_zones
from meta_prefect.components.platform.base import PlatformComponent, Tags, Transforms
from meta_prefect.components.platform.cidr import ZonePlan, plan_zones
from meta_prefect.components.platform.handles import NetworkHandle

_EVERYWHERE: Final = "0.0.0.0/0"
_GATEWAYS: Final = frozenset({"s3", "dynamodb"})
_HTTPS: Final = 443

Nat = Literal["single", "per_zone", "none"]


class Network(PlatformComponent):
    """
    Children: `vpc`, `igw`, `public`, `public-default`, and with the number of the zone `public-N`,
    `public-assoc-N`, `private-N`, `private-N-table`, `private-N-default`, `private-assoc-N`,
    `nat-N-ip`, `nat-N`; `endpoint-NAME`, and for those with an address `endpoints`,
    `endpoints-https`.

    handle: for those who run something in it.
    """

    KIND: ClassVar[str] = "network"

    def __init__(
        self,
        name: str,
        *,
        cidr: str = "10.64.0.0/16",
        zones: int = 2,
        nat: Nat = "single",
        endpoints: Sequence[str] = ("s3",),
        tags: Tags | None = None,
        transforms: Transforms | None = None,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        """
        Make the network.

        zones: 1 to 4; a cluster needs two.
        nat: the way out of private subnets: one for all zones, one each, none.
        endpoints: services of AWS that are reached without the way out: `s3` costs nothing;
            `ecr.api`, `ecr.dkr`, `sts`, `logs`, `eks-auth` do.

        Raises:
            ValueError: the addresses or the number of zones will not do.
        """
        plan = plan_zones(cidr, zones)
        super().__init__(name, tags=tags, transforms=transforms, opts=opts)
        self._vpc = self.make(
            "vpc",
            aws.ec2.Vpc,
            cidr_block=cidr,
            enable_dns_support=True,
            enable_dns_hostnames=True,  # endpoints with an address need both
            tags=self.named_tags(),
        )
        self._zone_names = read_zones(self)
        self._public = self._build_public(plan)
        self._nats = self._build_nats({"single": 1, "per_zone": zones, "none": 0}[nat])
        self._private = [
            self._build_subnet("private", number, zone.private, "internal-elb")
            for number, zone in enumerate(plan)
        ]
        tables = self._build_private_tables()
        self._build_endpoints(endpoints, cidr, tables)
        self.handle = NetworkHandle(
            self._vpc.id,
            [subnet.id for subnet in self._private],
            [subnet.id for subnet in self._public],
            cidr,
            tuple(self._ready),
        )
        self.finish(
            vpcId=self._vpc.id,
            privateSubnetIds=self.handle.private_subnet_ids,
            publicSubnetIds=self.handle.public_subnet_ids,
            cidr=cidr,
        )

    def _build_subnet(self, kind: str, number: int, cidr: str, balancers: str) -> aws.ec2.Subnet:
        return self.make(
            f"{kind}-{number}",
            aws.ec2.Subnet,
            vpc_id=self._vpc.id,
            cidr_block=cidr,
            availability_zone=self._zone_names.apply(lambda names: names[number]),
            map_public_ip_on_launch=kind == "public",
            tags={
                **self.named_tags(f"{kind}-{number}"),
                f"kubernetes.io/role/{balancers}": "1",
            },
        )

    def _build_public(self, plan: Sequence[ZonePlan]) -> list[aws.ec2.Subnet]:
        self._gateway = self.make(
            "igw", aws.ec2.InternetGateway, vpc_id=self._vpc.id, tags=self.named_tags()
        )
        table = self.make(
            "public", aws.ec2.RouteTable, vpc_id=self._vpc.id, tags=self.named_tags("public")
        )
        self.make(
            "public-default",
            aws.ec2.Route,
            route_table_id=table.id,
            destination_cidr_block=_EVERYWHERE,
            gateway_id=self._gateway.id,
        )
        subnets = []
        for number, zone in enumerate(plan):
            subnet = self._build_subnet("public", number, zone.public, "elb")
            self._associate("public", number, subnet, table)
            subnets.append(subnet)
        return subnets

    def _build_nats(self, count: int) -> list[aws.ec2.NatGateway]:
        return [self._build_nat(number) for number in range(count)]

    def _build_nat(self, number: int) -> aws.ec2.NatGateway:
        address = self.make(
            f"nat-{number}-ip", aws.ec2.Eip, domain="vpc", tags=self.named_tags(f"nat-{number}")
        )
        return self.make(
            f"nat-{number}",
            aws.ec2.NatGateway,
            after=[self._gateway],  # without it the address may have no route
            allocation_id=address.id,
            subnet_id=self._public[number].id,
            tags=self.named_tags(f"nat-{number}"),
        )

    def _build_private_tables(self) -> list[aws.ec2.RouteTable]:
        self._ready: list[pulumi.Resource] = []
        return [self._build_private_table(number) for number in range(len(self._private))]

    def _build_private_table(self, number: int) -> aws.ec2.RouteTable:
        table = self.make(
            f"private-{number}-table",
            aws.ec2.RouteTable,
            vpc_id=self._vpc.id,
            tags=self.named_tags(f"private-{number}"),
        )
        self._ready.append(self._associate("private", number, self._private[number], table))
        if self._nats:
            nat = self._nats[min(number, len(self._nats) - 1)]
            route = self.make(
                f"private-{number}-default",
                aws.ec2.Route,
                route_table_id=table.id,
                destination_cidr_block=_EVERYWHERE,
                nat_gateway_id=nat.id,
            )
            self._ready.append(route)
        return table

    def _associate(
        self, kind: str, number: int, subnet: aws.ec2.Subnet, table: aws.ec2.RouteTable
    ) -> pulumi.Resource:
        association: pulumi.Resource = self.make(
            f"{kind}-assoc-{number}",
            aws.ec2.RouteTableAssociation,
            subnet_id=subnet.id,
            route_table_id=table.id,
        )
        return association

    def _build_endpoints(
        self, names: Sequence[str], cidr: str, tables: Sequence[aws.ec2.RouteTable]
    ) -> None:
        region = read_region(self)
        addressed = [name for name in names if name not in _GATEWAYS]
        group = self._build_endpoint_group(cidr) if addressed else None
        for name in names:
            place = (
                {
                    "vpc_endpoint_type": "Interface",
                    "subnet_ids": [subnet.id for subnet in self._private],
                    "security_group_ids": [group.id],
                    "private_dns_enabled": True,
                }
                if group is not None and name in addressed
                else {
                    "vpc_endpoint_type": "Gateway",
                    "route_table_ids": [table.id for table in tables],
                }
            )
            endpoint = self.make(
                f"endpoint-{name}",
                aws.ec2.VpcEndpoint,
                vpc_id=self._vpc.id,
                service_name=pulumi.Output.format("com.amazonaws.{0}.{1}", region, name),
                tags=self.named_tags(name),
                **place,
            )
            self._ready.append(endpoint)

    def _build_endpoint_group(self, cidr: str) -> aws.ec2.SecurityGroup:
        group = self.make(
            "endpoints",
            aws.ec2.SecurityGroup,
            vpc_id=self._vpc.id,
            name_prefix=f"{self.named_tags('endpoints')['Name']}-",
            description="Services of AWS, from inside the network",
            tags=self.named_tags("endpoints"),
        )
        self.make(
            "endpoints-https",
            aws.vpc.SecurityGroupIngressRule,
            security_group_id=group.id,
            cidr_ipv4=cidr,
            ip_protocol="tcp",
            from_port=_HTTPS,
            to_port=_HTTPS,
            tags=self.tags,
        )
        return group


class ExistingNetwork:
    """
    A network of somebody else: nothing is declared, nothing changed, nothing tagged.

    handle: for those who run something in it.
    """

    def __init__(
        self,
        vpc_id: pulumi.Input[str],
        private_subnet_ids: Sequence[pulumi.Input[str]],
        public_subnet_ids: Sequence[pulumi.Input[str]] = (),
    ) -> None:
        """Name the network and its subnets."""
        self.handle = NetworkHandle(vpc_id, tuple(private_subnet_ids), tuple(public_subnet_ids))
