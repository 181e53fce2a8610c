"""Physical ids: those of certificates, and those that stand for none."""

from __future__ import annotations

import re

NOT_CREATED = "not-created-"
"""How the physical id begins with which a failed Create answers; its RequestId follows."""

_CERTIFICATE_ID = re.compile("ASCA[A-Z0-9]{12,124}")


def is_certificate_id(physical_id: str) -> bool:
    """
    Whether a physical id is a ServerCertificateId (IAM user guide, IAM identifiers).

    Others are answered by a failed Create, or invented by CloudFormation when it cancels one.
    """
    return _CERTIFICATE_ID.fullmatch(physical_id) is not None
