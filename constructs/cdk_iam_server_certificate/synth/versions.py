"""Report sources without a version, whose new values a deployment doesn't notice."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from cdk_iam_server_certificate.material import sources_of, subject_of
from server_certificate.contract.properties import Property
from server_certificate.contract.sources import Source as Key
from server_certificate.rules.usage import SOURCE_WITHOUT_VERSION

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cdk_iam_server_certificate.material import CertificateMaterial
    from cdk_iam_server_certificate.sources.source import Source
    from server_certificate.findings import Finding

Location = tuple[str, ...]
"""What identifies a secret, a parameter or an S3 object, whichever field of it is used."""

_PUBLIC: Final = (Property.BUNDLE, Property.CERTIFICATE, Property.CERTIFICATE_CHAIN)
"""The parts that each update reads. A separate private key is only read for an upload."""

_KINDS: Final = (
    ((Key.SECRET_ARN,), Key.VERSION_ID, "secret", "version_id"),
    ((Key.PARAMETER_NAME,), Key.PARAMETER_VERSION, "parameter", "version"),
    ((Key.BUCKET_NAME, Key.OBJECT_KEY), Key.OBJECT_VERSION, "S3 object", "object_version"),
)


def without_version(material: CertificateMaterial) -> Iterator[tuple[Location, Finding]]:
    """Yield each source of public parts that has no version, with a finding about it."""
    sources = sources_of(material)
    for part in _PUBLIC:
        if part not in sources:
            continue
        for names, version, kind, argument in _KINDS:
            location = _location(sources[part], names)
            if location and sources[part].keys.get(version) is None:
                yield (
                    location,
                    SOURCE_WITHOUT_VERSION.finding(
                        subject_of(part),
                        f"a deployment doesn't notice a new value of the {kind}, and the next update of"
                        " the resource reads it.",
                        f"To choose when, pass {argument}= and change it with each renewal.",
                    ),
                )


def _location(source: Source, names: tuple[Key, ...]) -> Location | None:
    values = [source.keys.get(name) for name in names]
    return tuple(value for value in values if value) if all(values) else None
