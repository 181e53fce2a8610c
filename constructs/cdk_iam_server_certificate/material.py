"""The material that a certificate is made of, put together from its sources."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from cdk_iam_server_certificate.sources import (
    BundleSource,
    CertificateSource,
    PassphraseSource,
    PrivateKeySource,
)
from cdk_iam_server_certificate.sources.source import Problem, wrong_type
from server_certificate.contract.properties import Property
from server_certificate.reading.rules import PRIVATE_KEY_AMONG_CERTIFICATES

if TYPE_CHECKING:
    from cdk_iam_server_certificate.sources.source import Source
    from server_certificate.findings import Finding

_Given = CertificateSource | PrivateKeySource | BundleSource | PassphraseSource

_SUBJECTS = {
    Property.CERTIFICATE: "certificate",
    Property.CERTIFICATE_CHAIN: "chain",
    Property.PRIVATE_KEY: "private-key",
    Property.BUNDLE: "bundle",
    Property.PASSPHRASE: "passphrase",
}
"""What findings call the parts."""

_FACTORIES: dict[type[_Given], str] = {
    CertificateSource: "CertificateSource.from_file, .from_text, .from_secret, .from_parameter or .from_bucket",
    PrivateKeySource: "PrivateKeySource.from_secret or .from_parameter",
    BundleSource: "BundleSource.from_secret or .from_bucket",
    PassphraseSource: "PassphraseSource.from_secret or .from_parameter",
}

_OPENS_NOTHING = Problem(
    "it is given, and nothing that it could open.",
    "Give the bundle or the private key that it opens, or leave the passphrase out.",
)


@dataclass(frozen=True, slots=True)
class CertificateMaterial:
    """
    Leaf certificate, private key and chain. Made by its factories.

    A certificate comes by itself or in a bundle. Next to either, the private key and the chain can come
    from sources of their own, and a passphrase opens whichever of them is encrypted.

    Whatever is wrong with what they are given stops the synthesis, under the path of the certificate
    that is made of it and with all other findings of the app.
    """

    _sources: dict[Property, Source]
    _problems: tuple[Finding, ...] = field(default=())

    @staticmethod
    def from_parts(
        *,
        certificate: CertificateSource,
        private_key: PrivateKeySource,
        chain: CertificateSource | None = None,
        passphrase: PassphraseSource | None = None,
    ) -> CertificateMaterial:
        """
        Put material together from its parts, whose sources may be of different kinds.

        Args:
            certificate: The leaf certificate; the chain may follow it in the same text, as in
                a ``fullchain.pem``.
            private_key: The private key that belongs to the leaf.
            chain: The certificates between the leaf and its root. Default: none, which IAM's
                documentation allows for self-signed certificates only.
            passphrase: What opens the private key. Default: it is not encrypted.
        """
        return _checked(
            {
                Property.CERTIFICATE: (certificate, CertificateSource),
                Property.CERTIFICATE_CHAIN: (chain, CertificateSource),
                Property.PRIVATE_KEY: (private_key, PrivateKeySource),
                Property.PASSPHRASE: (passphrase, PassphraseSource),
            },
            required={Property.CERTIFICATE, Property.PRIVATE_KEY},
        )

    @staticmethod
    def from_bundle(
        bundle: BundleSource | None,
        *,
        passphrase: PassphraseSource | None = None,
        chain: CertificateSource | None = None,
        private_key: PrivateKeySource | None = None,
    ) -> CertificateMaterial:
        """
        Take the certificate and whatever else it holds from one bundle.

        Args:
            bundle: PKCS#12, PEM, or the JSON that ``server-certificate store`` writes. None stops
                the synthesis.
            passphrase: What opens the bundle, or the private key next to it. Default: neither is
                encrypted.
            chain: The certificates between the leaf and its root, where the bundle lacks them.
                Default: those in the bundle.
            private_key: The private key, where the bundle lacks it, as PKCS#7 does. Default: the one in
                the bundle.
        """
        return _checked(
            {
                Property.BUNDLE: (bundle, BundleSource),
                Property.PASSPHRASE: (passphrase, PassphraseSource),
                Property.CERTIFICATE_CHAIN: (chain, CertificateSource),
                Property.PRIVATE_KEY: (private_key, PrivateKeySource),
            },
            required={Property.BUNDLE},
        )


def usable(material: object) -> CertificateMaterial:
    """Return material, or for anything else some that stops the synthesis; it is not quoted."""
    if isinstance(material, CertificateMaterial):
        return material
    problem = wrong_type(
        material,
        "CertificateMaterial",
        "Make one with CertificateMaterial.from_parts or .from_bundle.",
    )
    return CertificateMaterial({}, (problem.about("material"),))


def sources_of(material: CertificateMaterial) -> dict[Property, Source]:
    """Return the sources of the parts, by the property that names them."""
    return material._sources  # noqa: SLF001 - private to users, not to this package


def subject_of(part: Property) -> str:
    """Return what findings call a part."""
    return _SUBJECTS[part]


def problems_of(material: CertificateMaterial) -> tuple[Finding, ...]:
    """Return what is wrong with material whatever its parts hold."""
    of_sources = (
        source.problem.about(_SUBJECTS[part])
        for part, source in sources_of(material).items()
        if source.problem is not None
    )
    return (*material._problems, *of_sources)  # noqa: SLF001 - as above


def _checked(
    given: dict[Property, tuple[object, type[_Given]]], *, required: set[Property]
) -> CertificateMaterial:
    sources: dict[Property, Source] = {}
    problems: list[Finding] = []
    for part, (value, wanted) in given.items():
        if isinstance(value, wanted):
            sources[part] = value._source  # noqa: SLF001 - as above
        elif value is not None or part in required:
            problem = _misfit(value, wanted)
            problems.append(problem.about(_SUBJECTS[part]))
    if Property.PASSPHRASE in sources and not {Property.BUNDLE, Property.PRIVATE_KEY} & {*sources}:
        problems.append(_OPENS_NOTHING.about(_SUBJECTS[Property.PASSPHRASE]))
    return CertificateMaterial(sources, tuple(problems))


def _misfit(value: object, wanted: type[_Given]) -> Problem:
    """Say why a value is not a source; the value is not quoted, for it may be a key."""
    fix = f"Make one with {_FACTORIES[wanted]}."
    if value is None:
        return Problem("it is missing.", fix)
    if isinstance(value, list | tuple):
        return Problem(
            f"{len(value)} sources are given for it.",
            "Give one: put the certificates together in one text, file, secret or object.",
        )
    if wanted is PrivateKeySource and isinstance(value, CertificateSource):
        return Problem(
            "it is given as a CertificateSource, and a certificate's text becomes part of the template.",
            fix,
            PRIVATE_KEY_AMONG_CERTIFICATES,
        )
    return wrong_type(value, wanted.__name__, fix)
