"""A certificate that renews automatically must go on covering the same hosts."""

from __future__ import annotations

from dataclasses import replace

import pytest

from dev.certificates.authority import Authority
from server_certificate_handler.errors import MaterialRejectedError
from server_certificate_handler.kernel.steps import Upload
from support.certificates import public_of
from support.kernel import HELD, NEXT, ROLL_BACK, ROLLING_BACK, UPDATE, UPDATING, World, certificate

_authority = Authority.root().intermediate()
BEFORE = public_of(_authority.leaf("www.example.com", "shop.example.com", "192.0.2.1"))
HOLDS = certificate(content=BEFORE)
RENEW = replace(UPDATE, keeps_hosts=True)


@pytest.mark.parametrize(
    ("names", "lost"),
    [
        (("www.example.com", "192.0.2.1"), "'shop.example.com', which"),
        (("www.example.com", "shop.example.com"), "'192.0.2.1', which"),
        (("other.example.org",), "'www.example.com', 'shop.example.com', '192.0.2.1', which"),
        (("*.example.org", "192.0.2.1"), "'www.example.com', 'shop.example.com', which"),
    ],
)
def test_lost_host_is_refused(names: tuple[str, ...], lost: str) -> None:
    """The reason names each host that the new certificate doesn't cover, and the code to accept it by."""
    world = World((HOLDS,), UPDATING, content=public_of(_authority.leaf(*names)))
    with pytest.raises(MaterialRejectedError) as refusal:
        world.decision(RENEW)
    assert f"doesn't cover {lost} the certificate that it replaces covers." in str(refusal.value)
    assert "renewal-loses-hosts" in {finding.code for finding in refusal.value.findings}


@pytest.mark.parametrize(
    "names",
    [
        ("www.example.com", "shop.example.com", "192.0.2.1", "more.example.com"),
        ("*.EXAMPLE.com", "192.0.2.1"),
    ],
)
def test_covered_hosts_are_renewed(names: tuple[str, ...]) -> None:
    """Other names, or a wildcard, are fine if they cover the hosts."""
    world = World((HOLDS,), UPDATING, content=public_of(_authority.leaf(*names)))
    assert isinstance(world.decision(RENEW), Upload)


def test_many_lost_hosts_are_counted() -> None:
    """A reason has room for some names only."""
    many = public_of(_authority.leaf(*(f"www{number}.example.com" for number in range(9))))
    content = public_of(_authority.leaf("other.example.org"))
    world = World((certificate(content=many),), UPDATING, content=content)
    with pytest.raises(MaterialRejectedError, match=r"'www4\.example\.com' and 4 more, which"):
        world.decision(RENEW)


def test_deployment_may_change_the_hosts() -> None:
    """Without automatic renewal, or if the finding is acknowledged, a person decides."""
    world = World((HOLDS,), UPDATING, content=public_of(_authority.leaf("other.example.org")))
    assert isinstance(world.decision(UPDATE), Upload)


def test_rollback_is_not_refused() -> None:
    """A rollback brings back what was there, whatever hosts it covers."""
    after = public_of(_authority.leaf("other.example.org"))
    now = certificate("web", after, id=NEXT, source="later", request_id="request-of-update")
    before = public_of(_authority.leaf("www.example.com"))
    world = World((now,), ROLLING_BACK, content=before)
    assert isinstance(world.decision(replace(ROLL_BACK, keeps_hosts=True)), Upload)


def test_predecessor_that_is_gone_is_not_compared() -> None:
    """Nothing can be compared with a certificate that somebody has deleted, or that can't be parsed."""
    content = public_of(_authority.leaf("other.example.org"))
    for there in ((), (certificate("shop", None, id=HELD),)):
        world = World(there, UPDATING, content=content)
        assert isinstance(world.decision(RENEW), Upload)
