"""The commands for a new certificate that fixes propose."""

from __future__ import annotations

import shlex

import pytest

from dev.certificates.authority import Authority, Fault
from dev.certificates.keys import KeyType
from server_certificate.csr_command import EXAMPLE, request_command
from support.certificates import loaded

ROOT = Authority.root("Root")


def names_in(command: str) -> str:
    """Return the names that a command asks for."""
    words = shlex.split(command)
    return words[words.index("-addext") + 1].removeprefix("subjectAltName=")


def test_the_same_names_are_asked_for() -> None:
    """Names and addresses of a certificate are those of the request."""
    leaf = ROOT.leaf("a.example.com", "*.example.com", "localhost", "192.0.2.1", "2001:db8::1")
    assert names_in(request_command(loaded(leaf))) == (
        "DNS:a.example.com,DNS:*.example.com,DNS:localhost,IP:192.0.2.1,IP:2001:db8::1"
    )


@pytest.mark.parametrize(
    "name", ["a b", "$(reboot)", "'; reboot; '", "a\nb", "a,DNS:evil.example.com", "", "ä.example"]
)
def test_nothing_gets_into_a_shell(name: str) -> None:
    """A name that is not a host name is left out, because users paste the command into a shell."""
    leaf = ROOT.leaf(common_name=name, fault=Fault.NO_NAMES)
    command = request_command(loaded(leaf))
    assert names_in(command) == f"DNS:{EXAMPLE}"
    assert f"-subj '/CN={EXAMPLE}'" in command


@pytest.mark.parametrize(("count", "kept"), [(10, True), (11, False)])
def test_many_names(count: int, kept: bool) -> None:  # noqa: FBT001 (a case, no switch)
    """A long list of names is left to the user."""
    names = [f"{number}.example.com" for number in range(count)]
    command = request_command(loaded(ROOT.leaf(*names)))
    asked = ",".join(f"DNS:{name}" for name in names) if kept else f"DNS:{EXAMPLE}"
    assert names_in(command) == asked


@pytest.mark.parametrize(("length", "subject"), [(64, "/CN="), (65, "/'")])
def test_long_names(length: int, subject: str) -> None:
    """A common name has 64 characters at most (RFC 5280, appendix A.1); it isn't needed."""
    name = "a" * (length - 12) + ".example.com"
    leaf = ROOT.leaf(name, common_name="")
    command = request_command(loaded(leaf))
    assert names_in(command) == f"DNS:{name}"
    assert f"-subj '{subject}" in command


@pytest.mark.parametrize(
    ("key_type", "new"),
    [
        (KeyType.RSA, "rsa:2048"),
        (KeyType.P384, "ec -pkeyopt ec_paramgen_curve:P-256"),
        (KeyType.ED25519, "ec -pkeyopt ec_paramgen_curve:P-256"),
    ],
)
def test_the_kind_of_key_stays(key_type: KeyType, new: str) -> None:
    """A new key has the kind of the old one, and a size that every service accepts."""
    certificate = loaded(ROOT.leaf(key_type=key_type))
    assert f" -newkey {new} -nodes -keyout new-private-key.pem " in request_command(certificate)
