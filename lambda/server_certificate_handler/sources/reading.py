"""Read the parts of a certificate from their sources."""

from __future__ import annotations

import difflib
import json
from typing import TYPE_CHECKING, Any

from server_certificate.contract.sources import Parameter, Secret, StoredObject
from server_certificate_handler.errors import SourceUnreadableError
from server_certificate_handler.permission_lag import retry_until_permitted
from server_certificate_handler.sources.access import SourceDeniedError
from server_certificate_handler.sources.s3 import object_content
from server_certificate_handler.sources.secrets_manager import secret_value
from server_certificate_handler.sources.ssm import parameter_value

if TYPE_CHECKING:
    from collections.abc import Callable

    from server_certificate.contract.sources import Stored
    from server_certificate_handler.deadline import Deadline


def read(source: Stored, *, client: Callable[[str], Any], deadline: Deadline) -> str | bytes:
    """
    Return the content of a source as text or bytes.

    Args:
        source: The source.
        client: Creates the client of a service.
        deadline: Limits the time to wait for a permission to take effect.

    Raises:
        SourceUnreadableError: The source is missing or unreadable, or has no such field.
    """
    value = retry_until_permitted(
        lambda: _value(source, client),
        is_denied=lambda error: isinstance(error, SourceDeniedError),
        deadline=deadline,
    )
    if isinstance(source, StoredObject) or source.json_field is None:
        return value
    return _field(value, source, source.json_field)


def _value(source: Stored, client: Callable[[str], Any]) -> str | bytes:
    match source:
        case Secret():
            return secret_value(source, client("secretsmanager"))
        case Parameter():
            return parameter_value(source, client("ssm"))
        case StoredObject():
            return object_content(source, client("s3"))


def _field(value: str | bytes, source: Secret | Parameter, name: str) -> str:
    source_name = (
        f"secret '{source.arn}'" if isinstance(source, Secret) else f"parameter '{source.name}'"
    )
    try:
        # A secret created from a Windows file may begin with a byte order mark.
        content = json.loads(value.removeprefix("\ufeff") if isinstance(value, str) else value)
    except (ValueError, RecursionError):
        content = None
    if not isinstance(content, dict):
        raise SourceUnreadableError(
            f"The {source_name} is not a JSON object, so it has no field '{name}'. Store a JSON object,"
            " or omit the field to use the whole value."
        )
    field = content.get(name)
    if not isinstance(field, str):
        if name in content:
            raise SourceUnreadableError(f"The field '{name}' of the {source_name} is not a string.")
        alike = difflib.get_close_matches(name, content, n=1)
        # Don't list all names, because they may be as confidential as the values.
        hint = f" Did you mean '{alike[0]}'?" if alike else ""
        raise SourceUnreadableError(
            f"The {source_name} has no field '{name}'. Number of fields in the object:"
            f" {len(content)}.{hint}"
        )
    return field
