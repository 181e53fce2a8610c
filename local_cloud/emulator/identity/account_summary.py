"""The answer of GetAccountSummary: all keys of the IAM API reference."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from ministack.core import responses
from ministack.services import iam

from local_cloud.emulator.internals import instance

if TYPE_CHECKING:
    from local_cloud.iam.store import ServerCertificateStore

INTERNALS = tuple(
    instance(iam, name, responses.AccountScopedDict)
    for name in ("_instance_profiles", "_oidc_providers", "_saml_providers")
)

_ENTRY = re.compile(rb"<entry><key>(\w+)</key><value>\d+</value></entry>")


def completed(answer: bytes, store: ServerCertificateStore) -> bytes:
    """
    Add what the emulator's answer lacks, and correct what it says about server certificates.

    Args:
        answer: The emulator's answer.
        store: The account's certificates.
    """
    values = {
        "ServerCertificates": len(store),
        "ServerCertificatesQuota": store.quota,
        "AccountPasswordPresent": 1,
        "GlobalEndpointTokenVersion": 1,
        "InstanceProfiles": len(iam._instance_profiles),  # noqa: SLF001 - no public way in
        "InstanceProfilesQuota": 1000,
        "Providers": len(iam._oidc_providers) + len(iam._saml_providers),  # noqa: SLF001 - the same
        "RolePolicySizeQuota": 10240,
    }
    kept = _ENTRY.sub(lambda entry: b"" if entry[1].decode() in values else entry[0], answer)
    added = "".join(
        f"<entry><key>{key}</key><value>{value}</value></entry>" for key, value in values.items()
    )
    return kept.replace(b"</SummaryMap>", f"{added}</SummaryMap>".encode())
