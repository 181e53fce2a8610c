"""No representation of an object shows a key, a passphrase or the content of an input."""

from __future__ import annotations

import dataclasses
import importlib
import pkgutil
import re
from typing import TYPE_CHECKING

import pytest

from dev.certificates.authority import NOW, self_signed
from server_certificate.assessment import Criteria, Given, Input, assess
from server_certificate.reading.passphrases import read_passphrase
from server_certificate.reading.reader import read

if TYPE_CHECKING:
    from collections.abc import Iterator

PACKAGES = (
    "server_certificate",
    "server_certificate_handler",
    "server_certificate_cli",
    "cdk_iam_server_certificate",
)
CONFIDENTIAL = re.compile("passphrase|password|secret|key|content|text|pem|armou?r|octets|plain")
"""Names of fields that may hold something confidential, if they hold texts or octets at all."""

PUBLIC_OCTETS = re.compile("salt|vector|digest|algorithm|certificates")
"""Names of fields whose octets anybody may see."""

HARMLESS = {
    "CreationOptions.kms_key_id": "the id of a key in KMS",
    "Description.key_algorithm": "the name of an algorithm",
    "FileSet.private_keys": "names of files",
    "Previous.tag_keys": "keys of tags",
    "Given.passphrase_notes": "sentences that quote nothing",
    "Layout.private_key": "names of files",
    "Parts.private_key": "the name of a file",
    "SecretId.text": "the name of a secret",
    "Source.full_secret_arn": "the ARN of a secret",
    "ThrowawayCertificate.chain_pem": "certificates",
    "ThrowawayCertificate.certificate_pem": "a certificate",
    "Usages.authority_key_identifier": "a hash of a public key",
    "Usages.extended_key_usage": "what a certificate is for",
    "Usages.key_usage": "what a key is for",
    "Usages.subject_key_identifier": "a hash of a public key",
    "RunInput.secret": "the ARN of a secret",
    "StoredObject.key": "the key of an object in S3",
    "_Pbmac1.value": "what a MAC should be",
    "_Usual.value": "what a MAC should be",
    "_Open.contents": "parts of a value, held while it is converted",
}
"""Fields that are shown anyway, and why."""


def shown_fields(package: str) -> Iterator[str]:
    """Yield the fields of data classes whose names or types sound confidential, and that are shown."""
    root = importlib.import_module(package)
    for found in pkgutil.walk_packages(root.__path__, f"{package}."):
        if found.name.endswith("__main__"):
            continue
        module = importlib.import_module(found.name)
        for kind in vars(module).values():
            if not isinstance(kind, type) or kind.__module__ != module.__name__:
                continue
            for field in dataclasses.fields(kind) if dataclasses.is_dataclass(kind) else ():
                type_ = str(field.type)
                is_text = re.search(r"\b(str|object|Any)\b", type_) and "Callable" not in type_
                sounds = is_text and CONFIDENTIAL.search(field.name)
                holds_octets = (
                    re.search(r"\bbytes\b", type_)
                    and "Callable" not in type_
                    and not PUBLIC_OCTETS.search(field.name)
                )
                if field.repr and (sounds or holds_octets):
                    yield f"{kind.__name__}.{field.name}"


@pytest.mark.parametrize("package", PACKAGES)
def test_fields_that_may_be_confidential_are_not_shown(package: str) -> None:
    """A field for a passphrase, a key or a content is left out of the representation."""
    assert {*shown_fields(package)} <= {*HARMLESS}


def test_no_exemption_is_left_over() -> None:
    """Each field that may be shown is there."""
    assert {*HARMLESS} <= {field for package in PACKAGES for field in shown_fields(package)}


def test_objects_on_the_way_show_nothing() -> None:
    """From input to assessment, nothing shows a line of the key or the passphrase."""
    word = "correct horse battery staple"
    issued = self_signed()
    encrypted = issued.key_pem(password=word)
    given = Given(
        certificate=Input.of_text(issued.pem),
        private_key=Input.of_text(encrypted),
        passphrase=word,
    )
    objects = (
        given,
        read_passphrase(word),
        read(Input.of_text(encrypted), subject="private-key", passphrase=word),
        assess(given, Criteria(at=NOW)),
    )
    written = repr(objects) + str(objects)
    assert word not in written
    for line in (*issued.key_pem().splitlines()[1:-1], *encrypted.splitlines()[1:-1]):
        assert line not in written
