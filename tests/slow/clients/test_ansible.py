"""Ansible's module for server certificates, in a playbook."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.slow.clients.conftest import Programs

    from local_cloud import LocalCloud

PLAYBOOK = Path(__file__).parent / "ansible/server_certificates.yml"


def test_the_playbook(
    programs: Programs, cloud: LocalCloud, environment_variables: dict[str, str], files: Path
) -> None:
    """Ansible creates, renames, moves and deletes certificates, and repeats each step without a change."""
    settings = {
        "ANSIBLE_COLLECTIONS_PATH": str(programs.collections),
        "ANSIBLE_PIPELINING": "1",
        "ANSIBLE_PYTHON_INTERPRETER": programs.command("python"),
    }
    done = subprocess.run(
        [
            *(programs.command("ansible-playbook"), "--inventory", "localhost,"),
            *("--extra-vars", f"folder={files}", str(PLAYBOOK)),
        ],
        env=environment_variables | settings,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    left = cloud.client("iam").list_server_certificates()["ServerCertificateMetadataList"]
    assert [each["Arn"].partition(":server-certificate")[2] for each in left] == [
        "/path/renamed",
        "/second",
        "/used",
    ]
