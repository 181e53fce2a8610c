"""Use a server certificate with CloudFront, which identifies it by its id and restricts its path."""

from cdk_iam_server_certificate.cloudfront.distribution_certificate import DistributionCertificate

__all__ = ["DistributionCertificate"]
