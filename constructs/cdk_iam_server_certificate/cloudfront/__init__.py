"""Server certificates for CloudFront, which takes them by id, and from some paths only."""

from cdk_iam_server_certificate.cloudfront.distribution_certificate import DistributionCertificate

__all__ = ["DistributionCertificate"]
