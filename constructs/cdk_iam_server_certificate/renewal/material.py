"""Which material can be renewed automatically, and the version that it is read with."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Final

from cdk_iam_server_certificate.material import CertificateMaterial, sources_of, subject_of
from cdk_iam_server_certificate.renewal.secret import RenewalSecret
from server_certificate.contract.properties import Property
from server_certificate.contract.sources import Source as Key
from server_certificate.rules.renewal import NOT_RENEWABLE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cdk_iam_server_certificate.renewal.root import Root
    from cdk_iam_server_certificate.sources.source import Source
    from server_certificate.findings import Finding

_VERSIONS: Final = ((Key.VERSION_ID, "version_id"), (Key.VERSION_STAGE, "version_stage"))
_STORED: Final = (
    (Key.PARAMETER_NAME, "a parameter of Systems Manager"),
    (Key.BUCKET_NAME, "an S3 object"),
)
_TOGETHER: Final = (
    "Store everything in one secret with the command 'server-certificate store', and pass it with"
    " BundleSource.from_secret. Or remove renew_automatically."
)


def secret_of_leaf(material: CertificateMaterial, root: Root) -> RenewalSecret | None:
    """Return the secret with the leaf certificate; None if the leaf isn't in a secret."""
    source = _source_of_leaf(material)
    return None if source is None else RenewalSecret.of(source, root)


def is_leaf_known(material: CertificateMaterial) -> bool:
    """Return whether there is a valid source of the leaf."""
    source = _source_of_leaf(material)
    return source is not None and source.problem is None


def read_with_version(material: CertificateMaterial, version: str) -> CertificateMaterial:
    """Return the material with a version for each source in a secret."""
    return dataclasses.replace(
        material,
        _sources={
            part: _with_version(source, version) for part, source in sources_of(material).items()
        },
    )


def with_problems(
    material: CertificateMaterial, problems: tuple[Finding, ...]
) -> CertificateMaterial:
    """Return the material with more problems, which stop the synthesis."""
    return dataclasses.replace(material, _problems=(*material._problems, *problems))  # noqa: SLF001 - private to users, not to this package


def check_renewable(
    material: CertificateMaterial, secret: RenewalSecret | None, root: Root
) -> tuple[Finding, ...]:
    """
    Report each part that keeps the material from coming from one secret without a version.

    Args:
        material: The material.
        secret: The secret with the leaf; None if the leaf isn't in a secret.
        root: The outermost stack that contains the certificate.
    """
    return tuple(_problems(material, secret, root))


def _problems(
    material: CertificateMaterial, leaf: RenewalSecret | None, root: Root
) -> Iterator[Finding]:
    for part, source in sources_of(material).items():
        if source.problem is not None:
            continue
        subject = subject_of(part)
        if source.given is not None or Key.TEXT in source.keys:
            if part is not Property.CERTIFICATE_CHAIN:
                yield NOT_RENEWABLE.finding(
                    subject,
                    "it is a text or a file, which a deployment has to change.",
                    _TOGETHER,
                )
            continue
        for key, kind in _STORED:
            if source.keys.get(key) is not None:
                yield NOT_RENEWABLE.finding(
                    subject, f"it is in {kind}, but must be in a secret.", _TOGETHER
                )
        for key, argument in _VERSIONS:
            if (value := source.keys.get(key)) is not None:
                yield NOT_RENEWABLE.finding(
                    subject,
                    f"its {argument} is '{value}', so a new version of the secret would never be read.",
                    f"Remove {argument}, or remove renew_automatically.",
                )
        own = RenewalSecret.of(source, root)
        if own is not None and leaf is not None and own.location != leaf.location:
            yield NOT_RENEWABLE.finding(
                subject,
                f"it is in another secret than the certificate: {own.readable}, not {leaf.readable}.",
                _TOGETHER,
            )


def _source_of_leaf(material: CertificateMaterial) -> Source | None:
    sources = sources_of(material)
    return sources.get(Property.BUNDLE) or sources.get(Property.CERTIFICATE)


def _with_version(source: Source, version: str) -> Source:
    if Key.SECRET_ARN not in source.keys:
        return source
    return dataclasses.replace(source, keys=source.keys | {Key.VERSION_ID: version})
