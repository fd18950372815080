"""
One thing of each resource type that the AWS double knows, and what may be changed about it.

A text `${NAME}` in the inputs stands for the id of another thing, `${NAME.OUTPUT}` for one of its
outputs; so each thing says what has to be there before it.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

TRUST = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Principal": {"Service": "ec2.amazonaws.com"},
                "Action": "sts:AssumeRole",
            }
        ],
    }
)
GET = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [
            {"Effect": "Allow", "Action": ["s3:GetObject"], "Resource": ["arn:aws:s3:::data/a/*"]}
        ],
    }
)
PUT = GET.replace("GetObject", "PutObject")
DENY = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Deny",
                "Principal": "*",
                "Action": "s3:*",
                "Resource": "arn:aws:s3:::data-bucket/*",
                "Condition": {"Bool": {"aws:SecureTransport": "false"}},
            }
        ],
    }
)
KEEP_FEW = json.dumps(
    {
        "rules": [
            {
                "rulePriority": 1,
                "selection": {"tagStatus": "any", "countType": "imageCountMoreThan"}
                | {"countNumber": 10},
                "action": {"type": "expire"},
            }
        ]
    }
)
CONTAINERS = json.dumps([{"name": "worker", "image": "prefect:3", "essential": True}])
TAGS = {"tags": {"team": "data"}}
MORE_TAGS = {"tags": {"team": "data", "cost": "42"}}


@dataclass(frozen=True)
class Thing:
    """
    A thing to make.

    change: inputs that AWS can change in place; empty when there are none.
    replacing: inputs whose change means another thing.
    """

    token: str
    inputs: dict[str, Any]
    change: dict[str, Any] = field(default_factory=dict)
    replacing: dict[str, Any] = field(default_factory=dict)


THINGS = {
    "vpc": Thing(
        "aws:ec2/vpc:Vpc",
        {"cidrBlock": "10.0.0.0/16", "enableDnsSupport": True, "enableDnsHostnames": False} | TAGS,
        {"enableDnsHostnames": True} | MORE_TAGS,
        {"cidrBlock": "10.1.0.0/16"},
    ),
    "subnet": Thing(
        "aws:ec2/subnet:Subnet",
        {"vpcId": "${vpc}", "cidrBlock": "10.0.16.0/20", "availabilityZone": "eu-central-1a"}
        | TAGS,
        {"mapPublicIpOnLaunch": True} | MORE_TAGS,
        {"cidrBlock": "10.0.32.0/20"},
    ),
    "other-subnet": Thing(
        "aws:ec2/subnet:Subnet",
        {"vpcId": "${vpc}", "cidrBlock": "10.0.48.0/20", "availabilityZone": "eu-central-1b"},
    ),
    "internet-gateway": Thing(
        "aws:ec2/internetGateway:InternetGateway", {"vpcId": "${vpc}"} | TAGS, MORE_TAGS
    ),
    "address": Thing("aws:ec2/eip:Eip", {"domain": "vpc"} | TAGS, MORE_TAGS),
    "nat-gateway": Thing(
        "aws:ec2/natGateway:NatGateway",
        {"allocationId": "${address}", "subnetId": "${subnet}"} | TAGS,
        MORE_TAGS,
        {"subnetId": "subnet-0"},
    ),
    "endpoint": Thing(
        "aws:ec2/vpcEndpoint:VpcEndpoint",
        {
            "vpcId": "${vpc}",
            "serviceName": "com.amazonaws.eu-central-1.s3",
            "vpcEndpointType": "Gateway",
            "routeTableIds": ["${route-table}"],
        }
        | TAGS,
        MORE_TAGS,
        {"serviceName": "com.amazonaws.eu-central-1.dynamodb"},
    ),
    "route-table": Thing(
        "aws:ec2/routeTable:RouteTable", {"vpcId": "${vpc}"} | TAGS, MORE_TAGS, {"vpcId": "vpc-0"}
    ),
    "route": Thing(
        "aws:ec2/route:Route",
        {
            "routeTableId": "${route-table}",
            "destinationCidrBlock": "0.0.0.0/0",
            "gatewayId": "${internet-gateway}",
        },
        {},
        {"destinationCidrBlock": "10.9.0.0/16"},
    ),
    "association": Thing(
        "aws:ec2/routeTableAssociation:RouteTableAssociation",
        {"routeTableId": "${route-table}", "subnetId": "${subnet}"},
        {},
        {"subnetId": "subnet-0"},
    ),
    "security-group": Thing(
        "aws:ec2/securityGroup:SecurityGroup",
        {"vpcId": "${vpc}", "namePrefix": "nodes-", "description": "of nodes"} | TAGS,
        MORE_TAGS,
        {"description": "of others"},
    ),
    "ingress": Thing(
        "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule",
        {
            "securityGroupId": "${security-group}",
            "ipProtocol": "tcp",
            "fromPort": 443,
            "toPort": 443,
            "cidrIpv4": "10.0.0.0/16",
        },
        {"toPort": 444},
        {"securityGroupId": "sg-0"},
    ),
    "egress": Thing(
        "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule",
        {"securityGroupId": "${security-group}", "ipProtocol": "-1", "cidrIpv4": "0.0.0.0/0"},
        {"description": "out"},
    ),
    "bucket": Thing(
        "aws:s3/bucket:Bucket",
        {"bucket": "data-bucket", "forceDestroy": True} | TAGS,
        MORE_TAGS,
        {"bucket": "other-bucket"},
    ),
    "object": Thing(
        "aws:s3/bucketObjectv2:BucketObjectv2",
        {"bucket": "${bucket}", "key": "code/flow.py", "content": "1"} | TAGS,
        {"content": "2"},
        {"key": "code/other.py"},
    ),
    "ownership": Thing(
        "aws:s3/bucketOwnershipControls:BucketOwnershipControls",
        {"bucket": "${bucket}", "rule": {"objectOwnership": "BucketOwnerEnforced"}},
        {"rule": {"objectOwnership": "BucketOwnerPreferred"}},
        {"bucket": "other-bucket"},
    ),
    "public-access": Thing(
        "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock",
        {
            "bucket": "${bucket}",
            "blockPublicAcls": True,
            "blockPublicPolicy": True,
            "ignorePublicAcls": True,
            "restrictPublicBuckets": True,
        },
        {"ignorePublicAcls": False},
    ),
    "versioning": Thing(
        "aws:s3/bucketVersioning:BucketVersioning",
        {"bucket": "${bucket}", "versioningConfiguration": {"status": "Enabled"}},
        {"versioningConfiguration": {"status": "Suspended"}},
    ),
    "encryption": Thing(
        "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration",
        {
            "bucket": "${bucket}",
            "rules": [
                {
                    "applyServerSideEncryptionByDefault": {"sseAlgorithm": "AES256"},
                    "bucketKeyEnabled": True,
                }
            ],
        },
        {
            "rules": [
                {
                    "applyServerSideEncryptionByDefault": {
                        "sseAlgorithm": "aws:kms",
                        "kmsMasterKeyId": "arn:aws:kms:eu-central-1:123456789012:key/k",
                    },
                    "bucketKeyEnabled": True,
                }
            ]
        },
    ),
    "lifecycle": Thing(
        "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration",
        {
            "bucket": "${bucket}",
            "rules": [
                {
                    "id": "old",
                    "status": "Enabled",
                    "filter": {"prefix": "a/"},
                    "expiration": {"days": 90},
                    "noncurrentVersionExpiration": {"noncurrentDays": 30},
                    "abortIncompleteMultipartUpload": {"daysAfterInitiation": 7},
                }
            ],
        },
        {
            "rules": [
                {
                    "id": "old",
                    "status": "Enabled",
                    "filter": {"prefix": "a/"},
                    "expiration": {"days": 30},
                }
            ]
        },
    ),
    "bucket-policy": Thing(
        "aws:s3/bucketPolicy:BucketPolicy",
        {"bucket": "${bucket}", "policy": DENY},
        {"policy": DENY.replace("s3:*", "s3:GetObject")},
    ),
    "repository": Thing(
        "aws:ecr/repository:Repository",
        {
            "name": "flows/daily",
            "imageTagMutability": "IMMUTABLE",
            "imageScanningConfiguration": {"scanOnPush": True},
            "encryptionConfigurations": [{"encryptionType": "AES256"}],
        }
        | TAGS,
        {"imageTagMutability": "MUTABLE", "imageScanningConfiguration": {"scanOnPush": False}}
        | MORE_TAGS,
        {"encryptionConfigurations": [{"encryptionType": "KMS"}]},
    ),
    "images": Thing(
        "aws:ecr/lifecyclePolicy:LifecyclePolicy",
        {"repository": "${repository}", "policy": KEEP_FEW},
        {"policy": KEEP_FEW.replace("10", "20")},
        {"repository": "flows/other"},
    ),
    "role": Thing(
        "aws:iam/role:Role",
        {"assumeRolePolicy": TRUST, "path": "/meta-prefect/", "description": "runs flows"} | TAGS,
        {"assumeRolePolicy": TRUST.replace("ec2", "eks"), "description": "runs"} | MORE_TAGS,
        {"path": "/"},
    ),
    "role-policy": Thing(
        "aws:iam/rolePolicy:RolePolicy",
        {"role": "${role}", "name": "results", "policy": GET},
        {"policy": PUT},
        {"role": "other"},
    ),
    "policy": Thing(
        "aws:iam/policy:Policy", {"policy": GET} | TAGS, {"policy": PUT}, {"path": "/other/"}
    ),
    "attachment": Thing(
        "aws:iam/rolePolicyAttachment:RolePolicyAttachment",
        {"role": "${role}", "policyArn": "${policy.arn}"},
        {},
        {"role": "other"},
    ),
    "identity-provider": Thing(
        "aws:iam/openIdConnectProvider:OpenIdConnectProvider",
        {"url": "https://oidc.example.com/id/1", "clientIdLists": ["sts.amazonaws.com"]},
        {"clientIdLists": ["sts.amazonaws.com", "other"]},
        {"url": "https://oidc.example.com/id/2"},
    ),
    "log-group": Thing(
        "aws:cloudwatch/logGroup:LogGroup",
        {"name": "/meta-prefect/flows", "retentionInDays": 30} | TAGS,
        {"retentionInDays": 90} | MORE_TAGS,
        {"name": "/other"},
    ),
    "cluster": Thing(
        "aws:eks/cluster:Cluster",
        {
            "name": "flows",
            "roleArn": "${role.arn}",
            "version": "1.33",
            "vpcConfig": {
                "subnetIds": ["${subnet}", "${other-subnet}"],
                "endpointPublicAccess": True,
                "endpointPrivateAccess": True,
            },
            "accessConfig": {
                "authenticationMode": "API",
                "bootstrapClusterCreatorAdminPermissions": True,
            },
            "enabledClusterLogTypes": ["audit"],
        }
        | TAGS,
        {"version": "1.34", "enabledClusterLogTypes": ["audit", "authenticator"]} | MORE_TAGS,
        {"roleArn": "arn:aws:iam::123456789012:role/other"},
    ),
    "access-entry": Thing(
        "aws:eks/accessEntry:AccessEntry",
        {"clusterName": "${cluster}", "principalArn": "${role.arn}"} | TAGS,
        {"kubernetesGroups": ["readers"]} | MORE_TAGS,
        {"principalArn": "arn:aws:iam::123456789012:role/other"},
    ),
    "access-policy": Thing(
        "aws:eks/accessPolicyAssociation:AccessPolicyAssociation",
        {
            "clusterName": "${cluster}",
            "principalArn": "${role.arn}",
            "policyArn": "arn:aws:eks::aws:cluster-access-policy/AmazonEKSClusterAdminPolicy",
            "accessScope": {"type": "cluster"},
        },
        {},
        {"accessScope": {"type": "namespace", "namespaces": ["flows"]}},
    ),
    "addon": Thing(
        "aws:eks/addon:Addon",
        {
            "clusterName": "${cluster}",
            "addonName": "vpc-cni",
            "resolveConflictsOnCreate": "OVERWRITE",
            "resolveConflictsOnUpdate": "PRESERVE",
        },
        {"addonVersion": "v1.20.0-eksbuild.1"},
        {"addonName": "coredns"},
    ),
    "pod-identity": Thing(
        "aws:eks/podIdentityAssociation:PodIdentityAssociation",
        {
            "clusterName": "${cluster}",
            "namespace": "flows",
            "serviceAccount": "runner",
            "roleArn": "${role.arn}",
        },
        {"roleArn": "arn:aws:iam::123456789012:role/other"},
        {"serviceAccount": "other"},
    ),
    "launch-template": Thing(
        "aws:ec2/launchTemplate:LaunchTemplate",
        {
            "namePrefix": "flows-",
            "blockDeviceMappings": [
                {
                    "deviceName": "/dev/xvda",
                    "ebs": {"volumeSize": 50, "volumeType": "gp3", "encrypted": "true"},
                }
            ],
            "metadataOptions": {"httpTokens": "required", "httpPutResponseHopLimit": 1},
            "tagSpecifications": [{"resourceType": "instance", "tags": {"team": "data"}}],
            "updateDefaultVersion": True,
        }
        | TAGS,
        {"metadataOptions": {"httpTokens": "required", "httpPutResponseHopLimit": 2}} | MORE_TAGS,
        {"namePrefix": "other-"},
    ),
    "node-group": Thing(
        "aws:eks/nodeGroup:NodeGroup",
        {
            "clusterName": "${cluster}",
            "nodeGroupNamePrefix": "big-",
            "nodeRoleArn": "${role.arn}",
            "subnetIds": ["${subnet}", "${other-subnet}"],
            "instanceTypes": ["m6i.large"],
            "amiType": "AL2023_x86_64_STANDARD",
            "capacityType": "ON_DEMAND",
            "scalingConfig": {"minSize": 0, "maxSize": 3, "desiredSize": 0},
            "labels": {"meta-prefect.io/node-group": "big"},
            "taints": [{"key": "gpu", "value": "yes", "effect": "NO_SCHEDULE"}],
            "launchTemplate": {
                "id": "${launch-template}",
                "version": "${launch-template.latestVersion}",
            },
        }
        | TAGS,
        {
            "scalingConfig": {"minSize": 1, "maxSize": 5, "desiredSize": 1},
            "labels": {"meta-prefect.io/node-group": "big", "disk": "fast"},
        }
        | MORE_TAGS,
        {"instanceTypes": ["m6i.xlarge"]},
    ),
    "ecs-cluster": Thing(
        "aws:ecs/cluster:Cluster",
        {"name": "tasks", "settings": [{"name": "containerInsights", "value": "disabled"}]} | TAGS,
        {"settings": [{"name": "containerInsights", "value": "enabled"}]} | MORE_TAGS,
        {"name": "other"},
    ),
    "capacity": Thing(
        "aws:ecs/clusterCapacityProviders:ClusterCapacityProviders",
        {"clusterName": "${ecs-cluster.name}", "capacityProviders": ["FARGATE", "FARGATE_SPOT"]},
        {"capacityProviders": ["FARGATE"]},
        {"clusterName": "other"},
    ),
    "task": Thing(
        "aws:ecs/taskDefinition:TaskDefinition",
        {
            "family": "worker",
            "cpu": "256",
            "memory": "512",
            "networkMode": "awsvpc",
            "requiresCompatibilities": ["FARGATE"],
            "executionRoleArn": "${role.arn}",
            "containerDefinitions": CONTAINERS,
        }
        | TAGS,
        MORE_TAGS,
        {"containerDefinitions": CONTAINERS.replace("prefect:3", "prefect:4")},
    ),
    "service": Thing(
        "aws:ecs/service:Service",
        {
            "name": "worker",
            "cluster": "${ecs-cluster}",
            "taskDefinition": "${task.arn}",
            "desiredCount": 1,
            "launchType": "FARGATE",
            "deploymentMinimumHealthyPercent": 0,
            "deploymentCircuitBreaker": {"enable": True, "rollback": True},
            "networkConfiguration": {
                "subnets": ["${subnet}"],
                "securityGroups": ["${security-group}"],
                "assignPublicIp": False,
            },
        }
        | TAGS,
        {"desiredCount": 2} | MORE_TAGS,
        {"launchType": "EC2"},
    ),
    "secret": Thing(
        "aws:secretsmanager/secret:Secret",
        {"name": "flows/key", "description": "of the worker", "recoveryWindowInDays": 7} | TAGS,
        {"description": "of workers"} | MORE_TAGS,
        {"name": "other"},
    ),
    "secret-version": Thing(
        "aws:secretsmanager/secretVersion:SecretVersion",
        {"secretId": "${secret}", "secretString": "one"},
        {},
        {"secretString": "two"},
    ),
    "queue": Thing(
        "aws:sqs/queue:Queue",
        {"name": "events", "visibilityTimeoutSeconds": 60, "sqsManagedSseEnabled": True} | TAGS,
        {"visibilityTimeoutSeconds": 90} | MORE_TAGS,
        {"name": "other"},
    ),
    "queue-policy": Thing(
        "aws:sqs/queuePolicy:QueuePolicy",
        {"queueUrl": "${queue}", "policy": GET},
        {"policy": PUT},
        {"queueUrl": "https://other"},
    ),
    "event-rule": Thing(
        "aws:cloudwatch/eventRule:EventRule",
        {"name": "tasks", "eventPattern": json.dumps({"source": ["aws.ecs"]})} | TAGS,
        {"eventPattern": json.dumps({"source": ["aws.eks"]})} | MORE_TAGS,
        {"name": "other"},
    ),
    "event-target": Thing(
        "aws:cloudwatch/eventTarget:EventTarget",
        {"rule": "${event-rule}", "targetId": "queue", "arn": "${queue.arn}"},
        {"inputPath": "$.detail"},
        {"targetId": "other"},
    ),
    "database-subnets": Thing(
        "aws:rds/subnetGroup:SubnetGroup",
        {"name": "flows", "subnetIds": ["${subnet}", "${other-subnet}"], "description": "d"} | TAGS,
        {"description": "e"} | MORE_TAGS,
        {"name": "other"},
    ),
    "database": Thing(
        "aws:rds/instance:Instance",
        {
            "identifier": "prefect",
            "engine": "postgres",
            "engineVersion": "16.4",
            "instanceClass": "db.t4g.micro",
            "allocatedStorage": 20,
            "dbName": "prefect",
            "username": "prefect",
            "password": "not-a-real-one",
            "dbSubnetGroupName": "${database-subnets}",
            "vpcSecurityGroupIds": ["${security-group}"],
            "skipFinalSnapshot": True,
        }
        | TAGS,
        {"allocatedStorage": 40} | MORE_TAGS,
        {"engine": "mysql"},
    ),
}
