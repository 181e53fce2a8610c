"""Pagination: MaxItems, Marker and IsTruncated."""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass
from typing import TYPE_CHECKING, Generic, TypeVar

from local_cloud.iam.errors import validation_error

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

DEFAULT_MAX_ITEMS = 100
_MARKER_PREFIX = b"v1:"

Item = TypeVar("Item")


@dataclass(frozen=True, slots=True)
class Page(Generic[Item]):
    """Some items, and the marker of the next page if there is one."""

    items: tuple[Item, ...]
    marker: str | None = None


def page(
    items: Iterable[Item],
    *,
    position: Callable[[Item], str],
    max_items: int | None = None,
    marker: str | None = None,
) -> Page[Item]:
    """
    Return one page of a listing.

    The marker is opaque and remembers the position of the last item seen, not a count: items
    that are created or deleted between two pages neither hide nor repeat others.

    Args:
        items: All items.
        position: The sort key, unique for each item.
        max_items: The maximum number of items; default 100.
        marker: The marker of the previous page; default: start at the beginning.

    Raises:
        IamError: ValidationError for a marker that no page has returned.
    """
    ordered = sorted(items, key=position)
    if marker is not None:
        last_seen = _position_of(marker)
        ordered = [item for item in ordered if position(item) > last_seen]
    size = DEFAULT_MAX_ITEMS if max_items is None else max_items
    shown = tuple(ordered[:size])
    if len(ordered) <= size:
        return Page(shown)
    return Page(shown, _marker_of(position(shown[-1])))


def _marker_of(position: str) -> str:
    return base64.urlsafe_b64encode(_MARKER_PREFIX + position.encode()).decode()


def _position_of(marker: str) -> str:
    try:
        content = base64.b64decode(marker.encode(), altchars=b"-_", validate=True)
        if not content.startswith(_MARKER_PREFIX):
            raise validation_error("Invalid Marker.")
        return content.removeprefix(_MARKER_PREFIX).decode()
    except (binascii.Error, UnicodeError):
        raise validation_error("Invalid Marker.") from None
