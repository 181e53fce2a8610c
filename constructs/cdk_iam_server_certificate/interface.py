"""What other constructs need to know of a server certificate."""

from __future__ import annotations

from typing import Protocol


class IServerCertificate(Protocol):
    """A server certificate in IAM, whether this app made it or not."""

    @property
    def server_certificate_arn(self) -> str:
        """ARN, which load balancers and Elastic Beanstalk take."""

    @property
    def server_certificate_id(self) -> str:
        """ServerCertificateId, which CloudFront takes."""

    @property
    def server_certificate_name(self) -> str:
        """Name, unique in the account."""

    @property
    def server_certificate_path(self) -> str:
        """Path; CloudFront takes certificates whose path begins with ``/cloudfront/``."""
