"""The interface of a server certificate, for constructs that use one."""

from __future__ import annotations

from typing import Protocol


class IServerCertificate(Protocol):
    """A server certificate in IAM, managed by this app or not."""

    @property
    def server_certificate_arn(self) -> str:
        """The ARN, which load balancers and Elastic Beanstalk use."""

    @property
    def server_certificate_id(self) -> str:
        """The ServerCertificateId, which CloudFront uses."""

    @property
    def server_certificate_name(self) -> str:
        """The name, which is unique in the account."""

    @property
    def server_certificate_path(self) -> str:
        """The path. CloudFront accepts only certificates whose path begins with ``/cloudfront/``."""
