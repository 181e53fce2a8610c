"""The tag that records which version of a secret a certificate was read from."""

from __future__ import annotations

from server_certificate.contract.ownership import SECRET_VERSION_TAG, SecretVersion
from server_certificate_handler.kernel.steps import Done, Retag, Upload
from support.kernel import (
    ADOPT,
    CREATE,
    GONE,
    HELD,
    NEW,
    NEXT,
    OLD,
    OLD_NAME,
    ROLL_BACK,
    ROLLING_BACK,
    THEIRS,
    UPDATE,
    UPDATING,
    World,
    certificate,
)

_SECRET = "arn:aws:secretsmanager:eu-central-1:111122223333:secret:www-AbCdEf"  # noqa: S105 - an address
FIRST, SECOND = SecretVersion(_SECRET, "1"), SecretVersion(_SECRET, "2")
HOLDS = certificate(secret_version=FIRST)


def test_upload_is_tagged() -> None:
    """The version that was read is in the tags of the upload."""
    step = World(secret_version=FIRST).decision(CREATE)
    assert isinstance(step, Upload)
    assert step.tags[SECRET_VERSION_TAG] == f"{_SECRET} 1"


def test_adopted_certificate_is_tagged() -> None:
    """An adopted certificate has the content of the version, even if a person uploaded it."""
    step = World((THEIRS,), secret_version=FIRST).decision(ADOPT)
    assert isinstance(step, Retag)
    assert step.put[SECRET_VERSION_TAG] == f"{_SECRET} 1"


def test_newer_version_with_the_same_content() -> None:
    """The certificate stays, and its tag names the newer version."""
    world = World((HOLDS,), UPDATING, secret_version=SECOND)
    assert world.decision(UPDATE) == Retag(HOLDS, put={SECRET_VERSION_TAG: f"{_SECRET} 2"})


def test_same_content_from_elsewhere() -> None:
    """A content that isn't from a secret any more has no version."""
    world = World((HOLDS,), UPDATING)
    assert world.decision(UPDATE) == Retag(HOLDS, put={}, remove=frozenset({SECRET_VERSION_TAG}))


def test_unreadable_secret() -> None:
    """A certificate whose secret can't be read keeps its tag."""
    assert World((HOLDS,), UPDATING, content=GONE).decision(UPDATE) == Done(HOLDS)


def test_rollback_does_not_read_the_secret() -> None:
    """The previous certificate keeps its tag, whatever the secret contains by now."""
    before = certificate(OLD_NAME, OLD, secret_version=FIRST)
    replaced = certificate("www", NEW, id=NEXT, source="other", replaces=HELD, takes_name=True)
    world = World((before, replaced), ROLLING_BACK, content=NEW, secret_version=SECOND)
    world.carry_out(ROLL_BACK)
    kept = next(each for each in world.certificates if each.certificate_id == HELD)
    assert kept.provenance.secret_version == FIRST
