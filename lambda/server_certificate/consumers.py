"""Who uses a server certificate, and which certificates each of them takes."""

from __future__ import annotations

from enum import Enum


class Consumer(Enum):
    """What a certificate is meant for."""

    IAM = "iam"
    """Nothing in particular: only IAM's own rules count."""

    ELB = "elb"
    """A listener of a Classic Load Balancer."""

    ALB = "alb"
    """A listener of an Application Load Balancer."""

    NLB = "nlb"
    """A TLS listener of a Network Load Balancer."""

    CLOUDFRONT = "cloudfront"
    """A CloudFront distribution outside China."""

    CLOUDFRONT_CHINA = "cloudfront-china"
    """A CloudFront distribution in the China Regions."""
