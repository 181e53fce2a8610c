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


def failed_request(physical_id: str) -> str | None:
    """Return the RequestId of the failed Create that answered with a physical id; None for others."""
    if not physical_id.startswith(NOT_CREATED):
        return None
    return physical_id.removeprefix(NOT_CREATED)
