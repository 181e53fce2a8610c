"""Tags by IAM's rules, and the tags that tell an owner."""

from __future__ import annotations

import sys
import unicodedata

import pytest

from server_certificate import tags
from server_certificate.tags import (
    LOGICAL_ID_TAG,
    MAX_USER_TAGS,
    OWNERSHIP_PREFIX,
    REQUEST_ID_TAG,
    STACK_ID_TAG,
    Owner,
    check_tags,
)
from support.findings import codes, only

OWNER = Owner("arn:aws:cloudformation:eu-west-1:111122223333:stack/web/1", "Certificate")


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
        ({OWNERSHIP_PREFIX.upper() + "stack-id": "x"}, "tag-key-reserved"),
        ({"Name": "x", "name": "x"}, "tag-keys-by-case"),
    ],
)
def test_tags_that_iam_refuses(tags: dict[str, str], found: str) -> None:
    """Each rule is told on its own."""
    assert codes(check_tags(tags)) == [found]


def test_number_of_tags() -> None:
    """Three of IAM's fifty tags say which stack owns the certificate: 47 are left."""
    assert MAX_USER_TAGS == 47
    tags = {f"key-{number}": "" for number in range(48)}
    found = only(check_tags(tags))
    assert found.code == "too-many-tags"
    assert found.fix == "Remove 1."
    assert len(OWNER.tags(request_id="r")) + MAX_USER_TAGS == 50


def test_all_mistakes_are_told() -> None:
    """A tag may be wrong in key and value, and each tag on its own."""
    found = check_tags({"a!": "x;", "Name": "1", "NAME": "2", "aws:x": "\t"})
    assert codes(found) == [
        "tag-key",
        "tag-value",
        "tag-keys-by-case",
        "tag-key-reserved",
        "tag-value",
    ]


@pytest.mark.parametrize(
    ("tags", "message"),
    [
        ({"a!;": ""}, "the key 'a!;' contains '!', ';'; IAM takes letters, digits, spaces and"),
        ({"": ""}, "the key '' is empty."),
        ({"k" * 129: ""}, f"the key '{'k' * 129}' has 129 characters; IAM takes at most 128."),
        ({"a": "v" * 257}, "the value of 'a' has 257 characters; IAM takes at most 256."),
        ({"AWS:x": ""}, "the key 'AWS:x' begins with 'aws:', which is reserved."),
    ],
)
def test_sentences(tags: dict[str, str], message: str) -> None:
    """The sentence says which tag, what is wrong and what would do."""
    assert only(check_tags(tags)).message.startswith(message)


def test_characters_of_tags() -> None:
    """Of all characters, exactly letters, numbers, separators and the API's signs are taken."""
    characters = [chr(point) for point in range(sys.maxunicode + 1)]
    allowed = {
        character
        for character in characters
        if unicodedata.category(character)[0] in "LZN" or character in "_.:/=+-@"
    }
    assert set(tags._FORBIDDEN.findall("".join(characters))) == {*characters} - allowed


def test_an_owner_knows_its_certificates() -> None:
    """Stack and logical id both count, other tags do not."""
    tags = {**OWNER.tags(request_id="r"), "Name": "web"}
    assert OWNER.owns(tags)
    assert OWNER.owns(OWNER.tags())
    assert not OWNER.owns({})
    assert not OWNER.owns({**tags, LOGICAL_ID_TAG: "Other"})
    assert not OWNER.owns({**tags, STACK_ID_TAG: OWNER.stack_id + "2"})


def test_tags_of_an_owner() -> None:
    """The event that uploaded a certificate is among its tags if it is known."""
    assert set(OWNER.tags()) == {STACK_ID_TAG, LOGICAL_ID_TAG}
    assert OWNER.tags(request_id="r")[REQUEST_ID_TAG] == "r"
