"""The query protocol: form fields in, XML out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import parse_qs
from xml.sax.saxutils import escape

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

    from local_cloud.iam.errors import IamError
    from local_cloud.iam.store import ServerCertificate
    from local_cloud.iam.tags import Tag

_NAMESPACE = "https://iam.amazonaws.com/doc/2010-05-08/"
_SERVER_ERROR = 500


@dataclass(frozen=True, slots=True)
class Response:
    """A finished answer."""

    status: int
    body: bytes

    @property
    def headers(self) -> dict[str, str]:
        """The headers."""
        return {"Content-Type": "text/xml"}


def read_query(body: bytes, query_string: Mapping[str, list[str]]) -> dict[str, str]:
    """
    Read a call's fields; empty ones are kept, because empty and absent differ.

    The query string wins, and the first of repeated fields: by those, the emulator evaluates
    permissions.
    """
    fields = parse_qs(body.decode(errors="replace"), keep_blank_values=True) | dict(query_string)
    return {name: values[0] for name, values in fields.items() if values}


def success(action: str, result: str | None, *, request_id: str) -> Response:
    """
    Write the answer of an action.

    Args:
        action: The action's name.
        result: The content of its result element; None for an action that has none.
        request_id: The request's id.
    """
    content = "" if result is None else element(f"{action}Result", result)
    metadata = element("ResponseMetadata", element("RequestId", escape(request_id)))
    return Response(
        200,
        f'<{action}Response xmlns="{_NAMESPACE}">{content}{metadata}</{action}Response>'.encode(),
    )


def failure(error: IamError, *, request_id: str) -> Response:
    """Write an error."""
    kind = "Sender" if error.status < _SERVER_ERROR else "Receiver"
    content = element(
        "Error",
        element("Type", kind)
        + element("Code", escape(error.code))
        + element("Message", escape(error.message)),
    )
    content += element("RequestId", escape(request_id))
    return Response(
        error.status,
        f'<ErrorResponse xmlns="{_NAMESPACE}">{content}</ErrorResponse>'.encode(),
    )


def element(name: str, content: str) -> str:
    """Write an element around content that is already XML."""
    return f"<{name}>{content}</{name}>"


def metadata_elements(certificate: ServerCertificate) -> str:
    """Write the members of ServerCertificateMetadata."""
    return "".join(
        element(name, escape(value))
        for name, value in (
            ("Path", certificate.path),
            ("ServerCertificateName", certificate.name),
            ("ServerCertificateId", certificate.certificate_id),
            ("Arn", certificate.arn),
            ("UploadDate", _timestamp(certificate.upload_date)),
            ("Expiration", _timestamp(certificate.material.expiration)),
        )
    )


def tags_element(tags: Iterable[Tag]) -> str:
    """Write the Tags list; it may be empty."""
    return element(
        "Tags",
        "".join(
            element("member", element("Key", escape(tag.key)) + element("Value", escape(tag.value)))
            for tag in tags
        ),
    )


def page_elements(marker: str | None) -> str:
    """Write IsTruncated, and Marker if there is more."""
    if marker is None:
        return element("IsTruncated", "false")
    return element("IsTruncated", "true") + element("Marker", escape(marker))


def _timestamp(instant: datetime) -> str:
    return instant.strftime("%Y-%m-%dT%H:%M:%SZ")
