"""Names that are generated from a prefix: unique by resource and content, and changed in place."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest

from dev.simulator.stack import Stack

if TYPE_CHECKING:
    from collections.abc import Callable

    from dev.certificates.authority import Authority
    from dev.simulator.account import Account

PATH, WWW, SHOP = (
    {"NamePrefix": f"{prefix}-eu-central-1"} for prefix in ("Web-C-1A2B3C4D", "www", "shop")
)
"""Properties of names that are generated from the construct path, and from two prefixes."""

NAMED = {**PATH, "ServerCertificateName": "www"}


@pytest.mark.parametrize(
    ("first", "second"), [(PATH, WWW), (WWW, SHOP), (NAMED, WWW), (NAMED, PATH)]
)
def test_change_of_the_prefix_is_a_rename_in_place(
    account: Account,
    authority: Authority,
    properties: Callable[..., dict[str, Any]],
    first: dict[str, str],
    second: dict[str, str],
) -> None:
    """A prefix can be added, changed, removed and replaced by a name: the id stays."""
    stack = Stack(account)
    leaf = authority.leaf()
    stack.create(properties(leaf, **first))
    before = account.names()
    answer = stack.update(properties(leaf, **second))
    name = answer["Data"]["ServerCertificateName"]
    assert re.fullmatch(f"{second['NamePrefix']}-[0-9a-f]{{16}}", name)
    assert account.names() == {name: stack.physical_id}
    stack.update(properties(leaf, **first))
    assert account.names() == before
    assert account.calls.count("UploadServerCertificate") == 1


@pytest.mark.parametrize("renews", [False, True])
@pytest.mark.parametrize(("first", "second"), [(WWW, SHOP), (WWW, NAMED), (NAMED, SHOP)])
def test_change_of_the_prefix_that_is_rolled_back(
    account: Account,
    authority: Authority,
    properties: Callable[..., dict[str, Any]],
    first: dict[str, str],
    second: dict[str, str],
    *,
    renews: bool,
) -> None:
    """The certificate gets its name back, whether or not the content changed, too."""
    stack = Stack(account)
    leaf = authority.leaf()
    stack.create(properties(leaf, **first))
    before = account.names()
    stack.update(
        properties(authority.leaf() if renews else leaf, **second),
        neighbor_fails=True,
    )
    assert account.names() == before == dict.fromkeys(before, stack.physical_id)


def test_the_same_certificate_twice_in_one_stack(
    account: Account, authority: Authority, properties: Callable[..., dict[str, Any]]
) -> None:
    """Two resources with the same prefix and content have two certificates, each its own."""
    leaf = authority.leaf()
    stack = Stack(account)
    stack.create(properties(leaf, **WWW))
    sibling = Stack(account, logical_id="ForCloudFront")
    sibling.stack_id = stack.stack_id
    answer = sibling.create(properties(leaf, **WWW, Path="/cloudfront/www/"))
    assert answer["Status"] == "SUCCESS"
    assert sorted(account.names().values()) == sorted([stack.physical_id, sibling.physical_id])
    assert stack.delete()["Status"] == "SUCCESS"
    assert list(account.names().values()) == [sibling.physical_id]


def test_too_long_a_prefix_is_refused(
    account: Account, authority: Authority, properties: Callable[..., dict[str, Any]]
) -> None:
    """A prefix that is only known at deploy time is checked by the function, and is not truncated."""
    stack = Stack(account)
    answer = stack.create(properties(authority.leaf(), NamePrefix="w" * 98 + "-eu-central-1"))
    assert answer["Status"] == "SUCCESS"
    assert len(answer["Data"]["ServerCertificateName"]) == 128
    answer = Stack(account, "other").create(
        properties(authority.leaf(), NamePrefix="w" * 99 + "-eu-central-1")
    )
    assert answer["Status"] == "FAILED"
    assert "has 112 characters, but at most 111 are allowed: IAM" in answer["Reason"]
