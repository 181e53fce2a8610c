"""
All that is patched in crhelper and botocore, and why.

Lambda updates a runtime's botocore under deployed functions, so each patch is optional: without what
it patches, the function is slower, and works.
"""

from __future__ import annotations

import contextlib
import functools
import logging
import os
import ssl
import sys
from types import ModuleType
from typing import TYPE_CHECKING, Any, Final

import botocore.httpsession

if TYPE_CHECKING:
    from collections.abc import Collection

# crhelper imports boto3 for its polling mode, which is not used here. That import takes a tenth of a
# second of a function's start on one vCPU, and several times that on the share of a small function.
_is_imported = "boto3" in sys.modules
sys.modules.setdefault("boto3", ModuleType("boto3"))

from crhelper import FAILED, CfnResource  # noqa: E402 (after what stands in for boto3)

if not _is_imported:
    del sys.modules["boto3"]

__all__ = [
    "FAILED",
    "CfnResource",
    "authorities",
    "list_only",
    "set_up",
    "share_tls_context",
    "tls_context",
]

# It logs each event with its ResponseURL, whatever level the function's own records have.
logging.getLogger("crhelper").setLevel(logging.INFO)

_LOCAL: Final = "AWS_SAM_LOCAL"


def set_up(resource: CfnResource, **settings: Any) -> None:  # noqa: ANN401 (crhelper's own)
    """
    Have crhelper set its resource up, without the three clients of its polling mode.

    Args:
        resource: The resource.
        settings: What its constructor takes; one that knows others has its own defaults.
    """
    before = os.environ.get(_LOCAL)
    os.environ[_LOCAL] = "1"
    try:
        try:
            CfnResource.__init__(resource, **settings)
        except TypeError:
            CfnResource.__init__(resource)
    finally:
        if before is None:
            del os.environ[_LOCAL]
        else:
            os.environ[_LOCAL] = before
    # Whatever could not be built is not used.
    resource._init_failed = None  # type: ignore[attr-defined]  # noqa: SLF001 (there is no other way)


def list_only(session: Any, services: Collection[str]) -> None:  # noqa: ANN401 (botocore has no types)
    """
    Keep botocore from looking into the folders of all its services, which takes longer than a call.

    Args:
        session: botocore's session.
        services: The services that are used.
    """
    # A session that knows no such component raises a ValueError.
    with contextlib.suppress(AttributeError, TypeError, ValueError):
        loader = session.get_component("data_loader")
        if callable(loader.list_available_services):
            loader.list_available_services = lambda *_, **__: list(services)


def share_tls_context() -> None:
    """
    Have all of botocore's connections share one TLS context.

    Each would read the bundle of authorities again, which takes longer than its first call.
    """
    original = getattr(botocore.httpsession, "create_urllib3_context", None)
    if not callable(original):
        return

    @functools.cache
    def shared() -> ssl.SSLContext:
        context: ssl.SSLContext = original()
        with contextlib.suppress(AttributeError):
            context.load_verify_locations = functools.cache(context.load_verify_locations)  # type: ignore[assignment,method-assign]
        return context

    def create(*args: object, **kwargs: object) -> ssl.SSLContext:
        # With arguments it is not the context that is asked for today.
        result: ssl.SSLContext = original(*args, **kwargs) if args or kwargs else shared()
        return result

    botocore.httpsession.create_urllib3_context = create


def tls_context() -> ssl.SSLContext:
    """Return the TLS context that botocore's connections share, or else one of Python's own."""
    # Looked up late: what it finds is what share_tls_context has put there.
    with contextlib.suppress(AttributeError, TypeError):
        context = botocore.httpsession.create_urllib3_context()
        if isinstance(context, ssl.SSLContext):
            return context
    return ssl.create_default_context()


def authorities(configured: str | None) -> str | None:
    """
    Return the path of the bundle of authorities that botocore trusts; None for the system's own.

    Args:
        configured: The path that is configured; None when none is.
    """
    with contextlib.suppress(AttributeError, TypeError):
        path: object = botocore.httpsession.get_cert_path(configured or True)  # type: ignore[arg-type]
        if isinstance(path, str):
            return path
    return configured
