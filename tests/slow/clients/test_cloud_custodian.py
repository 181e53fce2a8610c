"""Cloud Custodian, which finds certificates with filters and deletes them."""

from __future__ import annotations

import json
import subprocess
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from tests.slow.clients.conftest import Programs

    from local_cloud import LocalCloud
    from support.uploads import Certificates

EXPIRES_SOON = {
    "type": "value",
    "key": "Expiration",
    "value_type": "expiration",
    "op": "less-than",
    "value": 90,
}
POLICIES = [
    {"name": "soon", "resource": "aws.iam-certificate", "filters": [EXPIRES_SOON]},
    {
        "name": "old",
        "resource": "aws.iam-certificate",
        "filters": [{"Path": "/old/"}],
        "actions": ["delete"],
    },
    {
        "name": "in-use",
        "resource": "aws.iam-certificate",
        "filters": [{"ServerCertificateName": "used"}],
        "actions": ["delete"],
    },
]


def test_policies(
    programs: Programs,
    cloud: LocalCloud,
    environment_variables: dict[str, str],
    certificates: Certificates,
    tmp_path: Path,
) -> None:
    """
    Policies find and delete certificates; the one that deletes a certificate in use fails.

    It looks for a code "DeleteConflictException", but on the wire the codes have no suffix.
    """
    iam = cloud.client("iam")
    iam.upload_server_certificate(**certificates.upload_parameters("a", Path="/old/"))
    iam.upload_server_certificate(**certificates.upload_parameters("b"))
    policies = tmp_path / "policies.json"
    policies.write_text(json.dumps({"policies": POLICIES}))
    output = tmp_path / "output"
    done = subprocess.run(
        [
            *(programs.command("custodian"), "run", "--cache-period", "0"),
            *("--output-dir", str(output), str(policies)),
        ],
        env=environment_variables,
        capture_output=True,
        text=True,
        check=False,
    )
    found = {
        policy["name"]: [
            each["ServerCertificateName"]
            for each in json.loads((output / policy["name"] / "resources.json").read_text())
        ]
        for policy in POLICIES
    }
    left = iam.list_server_certificates()["ServerCertificateMetadataList"]

    assert {name: set(names) for name, names in found.items()} == {
        "soon": {"a", "b", "used"},
        "old": {"a"},
        "in-use": {"used"},
    }
    assert {each["ServerCertificateName"] for each in left} == {"b", "used"}
    assert done.returncode == 2
    assert done.stderr.endswith("policies had errors while executing\n - in-use\n"), done.stderr
    assert "An error occurred (DeleteConflict) when calling" in done.stderr
