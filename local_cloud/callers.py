"""Requests that no AWS client makes: those of web pages."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


def browser_refusal(headers: Mapping[str, str], port: int) -> str | None:
    """
    Return why a request is refused before its signature is checked; None if it isn't.

    A page of any site can make its reader's browser send requests to the reader's own machine, also
    under a name of the site that leads there (DNS rebinding).

    Args:
        headers: The request's headers.
        port: The port on which the server listens.
    """
    if "origin" in headers:
        return "The local cloud refuses requests from web pages, and this one has an Origin header."
    host = headers.get("host", "")
    if re.fullmatch(rf"(127\.0\.0\.1|([a-z0-9._-]+\.)?localhost):{port}", host, re.IGNORECASE):
        return None
    return (
        f"The Host header must be 127.0.0.1:{port} or localhost:{port}, "
        f"or a name under localhost with this port. It is {host[:100]!r}."
    )
