"""The material of a certificate: the leaf, the private key and the chain, from their sources."""

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
"""The names of the parts in findings."""

_FACTORIES: dict[type[_Given], str] = {
    CertificateSource: "CertificateSource.from_file, .from_text, .from_secret, .from_parameter or .from_bucket",
    PrivateKeySource: "PrivateKeySource.from_secret or .from_parameter",
    BundleSource: "BundleSource.from_secret or .from_bucket",
    PassphraseSource: "PassphraseSource.from_secret or .from_parameter",
}

_DECRYPTS_NOTHING = Problem(
    "there is nothing that it could decrypt.",
    "Provide the bundle or the private key that it decrypts, or omit the passphrase.",
)


@dataclass(frozen=True, slots=True)
class CertificateMaterial:
    """
    The leaf certificate, the private key and the chain. Create it with ``from_parts`` or ``from_bundle``.

    The certificate is either a separate file or part of a bundle. In both cases, the private key and
    the chain can come from their own sources. The passphrase decrypts the bundle or the private key.

    Invalid arguments stop the synthesis. They are reported under the path of the certificate that
    uses the material, together with all other findings of the app.
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
        Create the material from separate parts, which can come from different kinds of sources.

        Args:
            certificate: The leaf certificate. The chain can follow it in the same text, as in a
                ``fullchain.pem``.
            private_key: The private key of the leaf certificate.
            chain: The certificates between the leaf and its root. Default: none; IAM's
                documentation allows this only for self-signed certificates.
            passphrase: The passphrase of the private key, which the function decrypts. Default: the
                key is not encrypted.
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
        Create the material from a bundle.

        Args:
            bundle: A bundle in PKCS#12 or PEM, or the JSON that ``server-certificate store`` writes.
                None stops the synthesis.
            passphrase: The passphrase of the bundle, or of the separate private key. Default:
                neither is encrypted.
            chain: The certificates between the leaf and its root, if the bundle doesn't contain
                them. Default: those in the bundle.
            private_key: The private key, if the bundle doesn't contain it; PKCS#7 never does.
                Default: the key in the bundle.
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
    """Return the material; for any other value, return material that stops the synthesis without quoting it."""
    if isinstance(material, CertificateMaterial):
        return material
    problem = wrong_type(
        material,
        "CertificateMaterial",
        "Create it with CertificateMaterial.from_parts or .from_bundle.",
    )
    return CertificateMaterial({}, (problem.about("material"),))


def sources_of(material: CertificateMaterial) -> dict[Property, Source]:
    """Return the sources by the property of the custom resource that each is for."""
    return material._sources  # noqa: SLF001 - private to users, not to this package


def subject_of(part: Property) -> str:
    """Return the name of a part in findings."""
    return _SUBJECTS[part]


def problems_of(material: CertificateMaterial) -> tuple[Finding, ...]:
    """Return the problems of the arguments, regardless of the content of the parts."""
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
            problem = _wrong_source(value, wanted)
            problems.append(problem.about(_SUBJECTS[part]))
    if Property.PASSPHRASE in sources and not {Property.BUNDLE, Property.PRIVATE_KEY} & {*sources}:
        problems.append(_DECRYPTS_NOTHING.about(_SUBJECTS[Property.PASSPHRASE]))
    return CertificateMaterial(sources, tuple(problems))


def _wrong_source(value: object, wanted: type[_Given]) -> Problem:
    """Return why a value isn't a source. The value is not quoted, because it could be a private key."""
    fix = f"Create it with {_FACTORIES[wanted]}."
    if value is None:
        return Problem("it is required.", fix)
    if isinstance(value, list | tuple):
        return Problem(
            f"it has {len(value)} sources, but only one is allowed.",
            "Combine the certificates in one text, file, secret or S3 object.",
        )
    if wanted is PrivateKeySource and isinstance(value, CertificateSource):
        return Problem(
            "it is a CertificateSource, whose text would become part of the template.",
            fix,
            PRIVATE_KEY_AMONG_CERTIFICATES,
        )
    return wrong_type(value, wanted.__name__, fix)
