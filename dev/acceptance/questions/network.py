"""A load balancer that answers the internet, in a network of its own."""

from __future__ import annotations

from typing import Any, Final


def _subnet(number: int) -> dict[str, Any]:
    return {
        "Type": "AWS::EC2::Subnet",
        "Properties": {
            "VpcId": {"Ref": "Vpc"},
            "CidrBlock": f"10.0.{number}.0/24",
            "AvailabilityZone": {"Fn::Select": [number, {"Fn::GetAZs": ""}]},
        },
    }


def _association(subnet: str) -> dict[str, Any]:
    return {
        "Type": "AWS::EC2::SubnetRouteTableAssociation",
        "Properties": {"SubnetId": {"Ref": subnet}, "RouteTableId": {"Ref": "Routes"}},
    }


_ANYBODY: Final = "0.0.0.0/0"
TEMPLATE: Final[dict[str, Any]] = {
    "Resources": {
        "Vpc": {"Type": "AWS::EC2::VPC", "Properties": {"CidrBlock": "10.0.0.0/16"}},
        "Gateway": {"Type": "AWS::EC2::InternetGateway"},
        "Attachment": {
            "Type": "AWS::EC2::VPCGatewayAttachment",
            "Properties": {"VpcId": {"Ref": "Vpc"}, "InternetGatewayId": {"Ref": "Gateway"}},
        },
        "Routes": {"Type": "AWS::EC2::RouteTable", "Properties": {"VpcId": {"Ref": "Vpc"}}},
        "Route": {
            "Type": "AWS::EC2::Route",
            "DependsOn": "Attachment",
            "Properties": {
                "RouteTableId": {"Ref": "Routes"},
                "DestinationCidrBlock": _ANYBODY,
                "GatewayId": {"Ref": "Gateway"},
            },
        },
        "First": _subnet(0),
        "Second": _subnet(1),
        "FirstRoutes": _association("First"),
        "SecondRoutes": _association("Second"),
        "Traffic": {
            "Type": "AWS::EC2::SecurityGroup",
            "Properties": {
                "GroupDescription": "HTTPS from anywhere",
                "VpcId": {"Ref": "Vpc"},
                "SecurityGroupIngress": [
                    {"IpProtocol": "tcp", "FromPort": 443, "ToPort": 443, "CidrIp": _ANYBODY}
                ],
            },
        },
        "Balancer": {
            "Type": "AWS::ElasticLoadBalancingV2::LoadBalancer",
            "DependsOn": "Route",
            "Properties": {
                "Subnets": [{"Ref": "First"}, {"Ref": "Second"}],
                "SecurityGroups": [{"Ref": "Traffic"}],
            },
        },
    },
    "Outputs": {
        "Arn": {"Value": {"Ref": "Balancer"}},
        "DnsName": {"Value": {"Fn::GetAtt": ["Balancer", "DNSName"]}},
    },
}
