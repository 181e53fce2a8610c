"""Physical IDs of certificates, and of resources without one."""

from __future__ import annotations

import re

NOT_CREATED = "not-created-"
"""The prefix of the physical ID of a failed Create, followed by its RequestId."""

_CERTIFICATE_ID = re.compile("ASCA[A-Z0-9]{12,124}")


def is_certificate_id(physical_id: str) -> bool:
    """
    Return whether a physical ID is a ServerCertificateId (IAM user guide, IAM identifiers).

    Other IDs come from a failed Create, or from CloudFormation when it cancels one.
    """
    return _CERTIFICATE_ID.fullmatch(physical_id) is not None
