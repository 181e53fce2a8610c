"""Read the parts of a certificate from their sources."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from server_certificate.contract.sources import Parameter, Secret, StoredObject
from server_certificate_handler.permission_lag import retry_until_permitted
from server_certificate_handler.sources.access import SourceDeniedError
from server_certificate_handler.sources.content import SourceContent
from server_certificate_handler.sources.json_fields import field_of
from server_certificate_handler.sources.s3 import object_content
from server_certificate_handler.sources.secrets_manager import secret_value
from server_certificate_handler.sources.ssm import parameter_value

if TYPE_CHECKING:
    from collections.abc import Callable

    from server_certificate.contract.sources import Stored
    from server_certificate_handler.deadline import Deadline


def read(source: Stored, *, client: Callable[..., Any], deadline: Deadline) -> SourceContent:
    """
    Return the content of a source.

    Args:
        source: The source.
        client: Creates the client of a service, by default in the function's Region.
        deadline: Limits the time to wait for a permission to take effect.

    Raises:
        SourceUnreadableError: The source is missing or unreadable, or has no such field.
    """
    content = retry_until_permitted(
        lambda: _content(source, client),
        is_denied=lambda error: isinstance(error, SourceDeniedError),
        deadline=deadline,
    )
    if isinstance(source, StoredObject) or source.json_field is None:
        return content
    value = field_of(content.value, source, source.json_field)
    return replace(content, value=value)


def _content(source: Stored, client: Callable[..., Any]) -> SourceContent:
    match source:
        case Secret():
            return secret_value(source, _in_region(source, client))
        case Parameter():
            return SourceContent(parameter_value(source, client("ssm")))
        case StoredObject():
            return SourceContent(object_content(source, client("s3")))


def _in_region(source: Secret, client: Callable[..., Any]) -> Any:  # noqa: ANN401 (botocore creates its clients at run time)
    """Return a client for the Region of a secret, which can differ from the function's."""
    own = client("secretsmanager")
    if source.region in {None, own.meta.region_name}:
        return own
    return client("secretsmanager", source.region)
