"""Which host names a certificate's DNS names cover: RFC 9525, section 6.3, as CloudFront applies it."""

from __future__ import annotations

import pytest

from server_certificate.certificates.host_coverage import covers, not_covered


@pytest.mark.parametrize(
    ("pattern", "name", "is_covered"),
    [
        ("www.example.com", "www.example.com", True),
        ("WWW.example.com", "www.EXAMPLE.com", True),
        ("*.example.com", "www.example.com", True),
        ("*.example.com", "*.example.com", True),
        ("*.example.com", "example.com", False),
        ("*.example.com", "a.b.example.com", False),
        ("*.example.com", ".example.com", False),
        ("*.example.com", "", False),
        ("www.example.com", "*.example.com", False),
        ("w*.example.com", "www.example.com", False),
        ("*", "localhost", False),
        ("", "", True),
        ("example.com", "www.example.com", False),
    ],
)
def test_one_wildcard_covers_one_label(pattern: str, name: str, *, is_covered: bool) -> None:
    """A wildcard is a whole first label, and covers exactly one label."""
    assert covers(pattern, name) is is_covered


def test_names_that_nothing_covers() -> None:
    """The names that no pattern covers are returned in their order."""
    names = ("b.example.org", "www.example.com", "a.example.org")
    assert not_covered(names, iter(["*.example.com"])) == ("b.example.org", "a.example.org")
    assert not_covered(names, ()) == names
