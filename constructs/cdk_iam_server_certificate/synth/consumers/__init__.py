"""Find the consumers that a renewal of their certificate doesn't reach."""

from cdk_iam_server_certificate.synth.consumers.checks import check_consumers
from cdk_iam_server_certificate.synth.consumers.usage import Usage

__all__ = ["Usage", "check_consumers"]
