"""Actions of IAM that the evaluation of permissions doesn't see: none is carried out."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from support.raw_requests import FORM, LIST, send, signed

if TYPE_CHECKING:
    from local_cloud import LocalCloud

pytestmark = pytest.mark.local_cloud


@pytest.mark.parametrize(
    ("path", "headers", "body"),
    [
        ("/", {"Content-Type": "text/plain"}, LIST),
        ("/?Action=GetUser", FORM, LIST),
        ("/", FORM, b"Action=NoSuchAction&" + LIST),
    ],
)
def test_a_hidden_action(
    cloud: LocalCloud, path: str, headers: dict[str, str], body: bytes
) -> None:
    """A body that isn't a form has no action, the query string's action counts, and so does the first."""
    given = signed(cloud, "iam", "POST", path, body=body, headers=headers)
    reply = send(cloud, "POST", path, body=body, headers=given)
    assert reply.status == 400
    assert "ListServerCertificatesResult" not in reply.text
