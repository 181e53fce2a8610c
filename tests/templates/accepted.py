"""What cdk-nag says of the examples' own resources, and why it stays: they show the certificate."""

from __future__ import annotations

from typing import Final

_FLOW_LOGS = "the network of an example; a reader has one"
_ACCESS_LOGS = "a bucket for logs would hide the three lines that the example is about"
_OPEN = "a public web server, whose one rule lets the world in"
_AUDIENCE = "the audience of a site, and what is in front of it, is up to the reader"
_OVERRIDE = (
    "the security policy is set by an override, which the rule does not see; the template has it"
)

ACCEPTED: Final[dict[str, dict[tuple[str, str], str]]] = {
    "app": {
        ("Certificates/Vpc/Resource", "AwsSolutions-VPC7"): _FLOW_LOGS,
        ("Certificates/LoadBalancer/Resource", "AwsSolutions-ELB2"): _ACCESS_LOGS,
        ("Certificates/LoadBalancer/SecurityGroup/Resource", "AwsSolutions-EC23"): _OPEN,
    },
    "alb": {
        ("Alb/Vpc/Resource", "AwsSolutions-VPC7"): _FLOW_LOGS,
        ("Alb/LoadBalancer/Resource", "AwsSolutions-ELB2"): _ACCESS_LOGS,
        ("Alb/LoadBalancer/SecurityGroup/Resource", "AwsSolutions-EC23"): _OPEN,
    },
    "automatic_renewal": {
        ("AutomaticRenewal/Vpc/Resource", "AwsSolutions-VPC7"): _FLOW_LOGS,
        ("AutomaticRenewal/LoadBalancer/Resource", "AwsSolutions-ELB2"): _ACCESS_LOGS,
        ("AutomaticRenewal/LoadBalancer/SecurityGroup/Resource", "AwsSolutions-EC23"): _OPEN,
    },
    "consumer_in_another_stack": {
        ("ConsumerNetwork/Vpc/Resource", "AwsSolutions-VPC7"): _FLOW_LOGS,
        ("ConsumerNetwork/LoadBalancer/Resource", "AwsSolutions-ELB2"): _ACCESS_LOGS,
        ("ConsumerNetwork/LoadBalancer/SecurityGroup/Resource", "AwsSolutions-EC23"): _OPEN,
    },
    "from_cfn_server_certificate": {
        ("FromCfn/Vpc/Resource", "AwsSolutions-VPC7"): _FLOW_LOGS,
        ("FromCfn/LoadBalancer/Resource", "AwsSolutions-ELB2"): _ACCESS_LOGS,
        ("FromCfn/LoadBalancer/SecurityGroup/Resource", "AwsSolutions-EC23"): _OPEN,
    },
    "nlb": {
        ("Nlb/Vpc/Resource", "AwsSolutions-VPC7"): _FLOW_LOGS,
        ("Nlb/LoadBalancer/Resource", "AwsSolutions-ELB2"): _ACCESS_LOGS,
    },
    "classic_elb": {
        ("ClassicElb/Vpc/Resource", "AwsSolutions-VPC7"): _FLOW_LOGS,
        ("ClassicElb/LoadBalancer/SecurityGroup/Resource", "AwsSolutions-EC23"): _OPEN,
        ("ClassicElb/LoadBalancer/Resource", "AwsSolutions-ELB1"): "for those who still have one",
        ("ClassicElb/LoadBalancer/Resource", "AwsSolutions-ELB2"): _ACCESS_LOGS,
        (
            "ClassicElb/LoadBalancer/Resource",
            "AwsSolutions-ELB3",
        ): "there are no instances to drain, and the CDK's class has no property for it",
        (
            "ClassicElb/LoadBalancer/Resource",
            "AwsSolutions-ELB5",
        ): "HTTPS ends at the load balancer, but the rule requires it up to the instances",
    },
    "cloudfront_distribution": {
        ("CloudFrontDistribution/Distribution/Resource", "AwsSolutions-CFR1"): _AUDIENCE,
        ("CloudFrontDistribution/Distribution/Resource", "AwsSolutions-CFR2"): _AUDIENCE,
        ("CloudFrontDistribution/Distribution/Resource", "AwsSolutions-CFR3"): _ACCESS_LOGS,
        ("CloudFrontDistribution/Distribution/Resource", "AwsSolutions-CFR4"): _OVERRIDE,
    },
    "cloudfront_web_distribution": {
        ("CloudFrontWebDistribution/Distribution/CFDistribution", "AwsSolutions-CFR1"): _AUDIENCE,
        ("CloudFrontWebDistribution/Distribution/CFDistribution", "AwsSolutions-CFR2"): _AUDIENCE,
        (
            "CloudFrontWebDistribution/Distribution/CFDistribution",
            "AwsSolutions-CFR3",
        ): _ACCESS_LOGS,
    },
    "cloudfront_china": {
        ("CloudFrontChina/Distribution/Resource", "AwsSolutions-CFR1"): _AUDIENCE,
        ("CloudFrontChina/Distribution/Resource", "AwsSolutions-CFR2"): _AUDIENCE,
        ("CloudFrontChina/Distribution/Resource", "AwsSolutions-CFR3"): _ACCESS_LOGS,
        ("CloudFrontChina/Distribution/Resource", "AwsSolutions-CFR4"): _OVERRIDE,
    },
    "elastic_beanstalk": {
        (
            "ElasticBeanstalk/Role/Resource",
            "AwsSolutions-IAM4[Policy::arn:<AWS::Partition>:iam::aws:policy/AWSElasticBeanstalkWebTier]",
        ): "what Elastic Beanstalk documents for its instances",
        (
            "ElasticBeanstalk/Environment",
            "AwsSolutions-EB1",
        ): "the default network, as where most environments begin",
        (
            "ElasticBeanstalk/Environment",
            "AwsSolutions-EB3",
        ): "a window for updates is the reader's to choose",
        ("ElasticBeanstalk/Environment", "AwsSolutions-EB4"): _ACCESS_LOGS,
    },
}
"""Reasons by script, by construct path and rule. Nothing that the construct creates is listed here."""
