"""IAM's rules for tags, and the tags that identify the owner."""

from __future__ import annotations

import sys
import unicodedata

import pytest

from server_certificate.contract.ownership import (
    LOGICAL_ID_TAG,
    OWNERSHIP_PREFIX,
    REPLACES_TAG,
    REQUEST_ID_TAG,
    RETAIN_TAG,
    SECRET_VERSION_TAG,
    STACK_ID_TAG,
    Owner,
    Provenance,
    SecretVersion,
)
from server_certificate.rules import tags
from server_certificate.rules.tags import MAX_USER_TAGS, check_tags
from support.findings import codes, only

OWNER = Owner("arn:aws:cloudformation:eu-west-1:111122223333:stack/web/1", "Certificate")
SECRET_ARN = "arn:aws:secretsmanager:eu-west-1:111122223333:secret:www/bundle_1+=.@-AbCdEf"  # noqa: S105 - an address, not a secret
FULL = Provenance(
    request_id="1a2b3c4d-0000-4000-8000-1a2b3c4d5e6f",
    source="0123456789abcdef" * 2,
    replaces="ASCAQXRQ45OGOXN4H7UIZ",
    takes_name=True,
    retain=True,
    discarded=True,
    secret_version=SecretVersion(SECRET_ARN, "1a2b3c4d-0000-4000-8000-1a2b3c4d5e6f"),
)


@pytest.mark.parametrize(
    "tags",
    [
        {},
        {"a": ""},
        {"Name": "web", "cost center": "12 / 3", "a:b/c=d+e-f@g_h.i": "x"},
        {"Größe": "groß", "名前": "値", "x\u3000y": "\u00a0"},
        {"k" * 128: "v" * 256},
        {f"key-{number}": "" for number in range(MAX_USER_TAGS)},
        {"x-aws:": "aws:"},
        {"Team": "web", "team": "db"},
        {OWNERSHIP_PREFIX.upper() + "stack-id": "x"},
    ],
)
def test_tags_that_iam_takes(tags: dict[str, str]) -> None:
    """Letters, digits and separators of every script, a few signs, and empty values."""
    assert check_tags(tags) == ()


@pytest.mark.parametrize(
    ("tags", "found"),
    [
        ({"": "x"}, "tag-key"),
        ({"a!": "x"}, "tag-key"),
        ({"a\n": "x"}, "tag-key"),
        ({"k" * 129: ""}, "tag-key"),
        ({"a": "x;"}, "tag-value"),
        ({"a": "x\n"}, "tag-value"),
        ({"a": "v" * 257}, "tag-value"),
        ({"a": "{{resolve:ssm:x}}"}, "tag-value"),
        ({"aws:name": "x"}, "tag-key-reserved"),
        ({"AWS:name": "x"}, "tag-key-reserved"),
        ({STACK_ID_TAG: "x"}, "tag-key-reserved"),
    ],
)
def test_tags_that_iam_refuses(tags: dict[str, str], found: str) -> None:
    """Each rule has a finding of its own."""
    assert codes(check_tags(tags)) == [found]


def test_number_of_tags() -> None:
    """Up to seven of IAM's fifty tags identify the owner, so 43 are left."""
    assert MAX_USER_TAGS == 43
    tags = {f"key-{number}": "" for number in range(44)}
    found = only(check_tags(tags))
    assert found.code == "too-many-tags"
    assert found.fix == "Remove at least 1 of them."
    assert len(OWNER.tags() | FULL.tags()) + MAX_USER_TAGS == 50


def test_all_mistakes_are_reported() -> None:
    """A tag may be wrong in key and value, and each tag on its own."""
    found = check_tags({"a!": "x;", "Name": "1", "aws:x": "\t"})
    assert codes(found) == [
        "tag-key",
        "tag-value",
        "tag-key-reserved",
        "tag-value",
    ]


@pytest.mark.parametrize(
    ("tags", "message"),
    [
        ({"a!;": ""}, "the key 'a!;' contains '!', ';'; IAM accepts letters, digits, spaces and"),
        ({"": ""}, "the key '' is empty."),
        ({"k" * 129: ""}, f"the key '{'k' * 129}' has 129 characters; IAM accepts at most 128."),
        ({"a": "v" * 257}, "the value of 'a' has 257 characters; IAM accepts at most 256."),
        ({"AWS:x": ""}, "the key 'AWS:x' begins with 'aws:', which is reserved."),
    ],
)
def test_sentences(tags: dict[str, str], message: str) -> None:
    """The sentence says which tag, what is wrong and what would do."""
    assert only(check_tags(tags)).message.startswith(message)


def test_characters_of_tags() -> None:
    """Exactly letters, numbers, separators and the API's signs are accepted."""
    characters = [chr(point) for point in range(sys.maxunicode + 1)]
    allowed = {
        character
        for character in characters
        if unicodedata.category(character)[0] in "LZN" or character in "_.:/=+-@"
    }
    assert set(tags._FORBIDDEN.findall("".join(characters))) == {*characters} - allowed


def test_an_owner_knows_its_certificates() -> None:
    """Stack and logical id both count, other tags do not."""
    tags = {**OWNER.tags(), **FULL.tags(), "Name": "web"}
    assert OWNER.owns(tags)
    assert OWNER.owns(OWNER.tags())
    assert not OWNER.owns({})
    assert not OWNER.owns({**tags, LOGICAL_ID_TAG: "Other"})
    assert not OWNER.owns({**tags, STACK_ID_TAG: OWNER.stack_id + "2"})


def test_tags_of_an_owner() -> None:
    """An owner writes nothing else than whose a certificate is."""
    assert set(OWNER.tags()) == {STACK_ID_TAG, LOGICAL_ID_TAG}


@pytest.mark.parametrize(
    "provenance",
    [
        FULL,
        Provenance(request_id=None),
        Provenance(request_id="r", replaces="ASCA1"),
        Provenance(request_id="r", source="d"),
    ],
)
def test_provenance_survives_its_tags(provenance: Provenance) -> None:
    """The tags about an upload can be read again, and meet IAM's rules."""
    assert Provenance.of(provenance.tags()) == provenance
    assert all(len(value) <= tags.MAX_VALUE_LENGTH for value in provenance.tags().values())
    assert not tags._FORBIDDEN.findall("".join(provenance.tags().values()))


@pytest.mark.parametrize("secret", ["", "x", SECRET_ARN, f"{SECRET_ARN} ", "www 1"])
def test_damaged_provenance_is_unknown(secret: str) -> None:
    """Tags that someone changed are ignored without an error."""
    damaged = {REPLACES_TAG: "ASCA1 whatever", RETAIN_TAG: "maybe", SECRET_VERSION_TAG: secret}
    assert Provenance.of(damaged) == Provenance(request_id=None, replaces="ASCA1")


@pytest.mark.parametrize("secret", [f"{SECRET_ARN}{'x' * 256}", f"{SECRET_ARN};"])
def test_secret_whose_arn_fits_in_no_tag(secret: str) -> None:
    """The version isn't recorded, because IAM would refuse the tag and the upload with it."""
    provenance = Provenance(request_id="r", secret_version=SecretVersion(secret, "1"))
    assert provenance.tags() == {REQUEST_ID_TAG: "r"}
