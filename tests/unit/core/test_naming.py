"""Names and paths by the patterns of the IAM API."""

from __future__ import annotations

import string

import pytest

from server_certificate.naming import (
    FINGERPRINT_LENGTH,
    MAX_NAME_LENGTH,
    MAX_NAME_PREFIX_LENGTH,
    MAX_READABLE_LENGTH,
    arn_resource,
    check_name,
    check_name_prefix,
    check_path,
    content_name,
)
from support.findings import codes, only

ALLOWED = set(string.ascii_letters + string.digits + "_+=,.@-")
PRINTABLE = {chr(point) for point in range(0x21, 0x7F)}


@pytest.mark.parametrize("name", ["a", "www.example.com", "A-b_c+d=e,f.g@h", "x" * 128])
def test_names_that_iam_takes(name: str) -> None:
    """Letters, digits and a few signs, up to 128 characters."""
    assert check_name(name) == ()


def test_characters_of_names() -> None:
    """Exactly the API's characters are accepted, and an invalid one is named."""
    for point in range(0x250):
        character = chr(point)
        findings = check_name(f"a{character}")
        assert codes(findings) == ([] if character in ALLOWED else ["name-pattern"])
        assert all(f"contains {character!r};" in finding.message for finding in findings)


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("", "it is empty."),
        ("my cert/é", "'my cert/é' contains ' ', '/', 'é'; IAM accepts only letters, digits and"),
        ("name\n", r"'name\n' contains '\n'; IAM accepts"),
        ("\uff21", "'\uff21' contains '\uff21'"),
    ],
)
def test_names_that_break_the_pattern(name: str, message: str) -> None:
    """The sentence quotes the name on one line and lists each character that offends."""
    found = only(check_name(name))
    assert found.code == "name-pattern"
    assert found.message.startswith(message)


def test_length_of_names() -> None:
    """A name of 129 characters is one too long."""
    assert check_name("x" * 128) == ()
    found = only(check_name("x" * 129))
    assert found.code == "name-too-long"
    assert "has 129 characters; IAM accepts at most 128" in found.message


def test_a_name_may_be_wrong_twice() -> None:
    """A name that is too long and breaks the pattern has both findings."""
    assert codes(check_name(" " * 129)) == ["name-too-long", "name-pattern"]


@pytest.mark.parametrize("path", ["/", "/a/", "/cloudfront/", "/a/b/", "/!~/", "///"])
def test_paths_that_iam_takes(path: str) -> None:
    """A slash, or printable ASCII between slashes."""
    assert check_path(path) == ()


@pytest.mark.parametrize(
    ("path", "fix"),
    [
        ("", "Use '/'."),
        ("//", "Use '/'."),
        ("a", "Use '/a/'."),
        ("/a", "Use '/a/'."),
        ("a/", "Use '/a/'."),
        ("cloudfront/x", "Use '/cloudfront/x/'."),
        ("/a b/", "Use a path like /cloudfront/www/."),
        ("/é", "Use a path like /cloudfront/www/."),
        ("/a/\n", "Use a path like /cloudfront/www/."),
        ("x" * 511, "Use a path like /cloudfront/www/."),
    ],
)
def test_paths_that_break_the_pattern(path: str, fix: str) -> None:
    """The fix is a valid path, if one can be derived."""
    found = only(check_path(path))
    assert found.code == "path-pattern"
    assert found.fix.startswith(fix)


def test_characters_of_paths() -> None:
    """Exactly printable ASCII without the space is accepted."""
    taken = {chr(point) for point in range(0x250) if not check_path(f"/{chr(point)}a/")}
    assert taken == PRINTABLE


def test_length_of_paths() -> None:
    """A path of 513 characters is one too long."""
    assert check_path(f"/{'x' * 510}/") == ()
    assert codes(check_path(f"/{'x' * 511}/")) == ["path-too-long"]


def test_length_of_prefixes() -> None:
    """A prefix that leaves no room for the rest of the name is refused, with the limit."""
    assert check_name_prefix("x" * MAX_NAME_PREFIX_LENGTH) == ()
    assert codes(check_name_prefix("x" * (MAX_NAME_PREFIX_LENGTH + 1))) == ["name-too-long"]
    assert check_name_prefix("x" * MAX_READABLE_LENGTH, max_length=MAX_READABLE_LENGTH) == ()
    (finding,) = check_name_prefix("x" * 91, max_length=MAX_READABLE_LENGTH)
    assert str(finding).endswith(
        "has 91 characters, but at most 90 are allowed: IAM accepts names of up to 128 characters,"
        " and 38 are reserved for the rest of the name. Shorten the prefix."
    )


@pytest.mark.parametrize(
    ("prefix", "message"),
    [
        ("", "name-prefix: it is empty. Change the prefix, or omit it to generate the whole name."),
        ("a b", "name-prefix: 'a b' contains ' '; IAM accepts only letters, digits and _+=,.@-."),
        ("-----BEGIN PRIVATE KEY-----", "name-prefix: it contains a private key or a certificate"),
    ],
)
def test_unusable_prefixes(prefix: str, message: str) -> None:
    """A prefix has the characters of a name; key material is not quoted."""
    (finding,) = check_name_prefix(prefix)
    assert finding.code == "name-pattern"
    assert str(finding).startswith(message)


def test_content_names_fit() -> None:
    """A generated name has at most 128 characters and ends with the fingerprint's head."""
    fingerprint = "0123456789abcdef" * 4
    assert content_name("web", fingerprint) == "web-0123456789abcdef"
    longest = content_name("x" * 500, fingerprint)
    assert len(longest) == MAX_NAME_LENGTH
    assert longest == "x" * MAX_NAME_PREFIX_LENGTH + "-" + fingerprint[:FINGERPRINT_LENGTH]
    assert check_name(longest) == ()


@pytest.mark.parametrize(
    ("path", "resource"),
    [("/", "server-certificate/web"), ("/a/b/", "server-certificate/a/b/web")],
)
def test_resource_of_an_arn(path: str, resource: str) -> None:
    """The path comes between the type and the name."""
    assert arn_resource(path, "web") == resource
