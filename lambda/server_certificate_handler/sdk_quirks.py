"""
All patches of crhelper and botocore, and the reasons.

Lambda updates the botocore of deployed functions, so each patch is optional: without it, the
function is slower, but works.
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

# crhelper imports boto3 for its polling mode, which is not used here. The import adds a tenth of a
# second to a function's start on one vCPU, and several times that with the CPU share of a small
# function.
_is_imported = "boto3" in sys.modules
sys.modules.setdefault("boto3", ModuleType("boto3"))

from crhelper import FAILED, CfnResource, log_helper  # noqa: E402 (after the stub of boto3)

if not _is_imported:
    del sys.modules["boto3"]

__all__ = [
    "FAILED",
    "CfnResource",
    "authorities",
    "list_only",
    "log_helper",
    "set_up",
    "share_tls_context",
    "tls_context",
]

# It logs each event with its ResponseURL, regardless of the function's own log level.
logging.getLogger("crhelper").setLevel(logging.INFO)

_LOCAL: Final = "AWS_SAM_LOCAL"


def set_up(resource: CfnResource, **settings: Any) -> None:  # noqa: ANN401 (crhelper's own)
    """
    Initialize a crhelper resource without the three clients of its polling mode.

    Args:
        resource: The resource.
        settings: The arguments of its constructor. If it doesn't accept them, its defaults are
            used.
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
    # Ignore errors from creating clients that are not used.
    resource._init_failed = None  # type: ignore[attr-defined]  # noqa: SLF001 (there is no other way)


def list_only(session: Any, services: Collection[str]) -> None:  # noqa: ANN401 (botocore has no types)
    """
    Prevent botocore from listing its data directories, which takes longer than a call.

    Args:
        session: botocore's session.
        services: The services that are used.
    """
    # A session without this component raises a ValueError.
    with contextlib.suppress(AttributeError, TypeError, ValueError):
        loader = session.get_component("data_loader")
        if callable(loader.list_available_services):
            loader.list_available_services = lambda *_, **__: list(services)


def share_tls_context() -> None:
    """
    Share one TLS context between all of botocore's connections.

    Otherwise each would read the CA bundle again, which takes longer than its first call.
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
        # With arguments, this is not the default context.
        result: ssl.SSLContext = original(*args, **kwargs) if args or kwargs else shared()
        return result

    botocore.httpsession.create_urllib3_context = create


def tls_context() -> ssl.SSLContext:
    """Return the TLS context that botocore's connections share, or a default one."""
    # Looked up late to find the replacement from share_tls_context.
    with contextlib.suppress(AttributeError, TypeError):
        context = botocore.httpsession.create_urllib3_context()
        if isinstance(context, ssl.SSLContext):
            return context
    return ssl.create_default_context()


def authorities(configured: str | None) -> str | None:
    """
    Return the path of the CA bundle that botocore uses; None for the system's own.

    Args:
        configured: The configured path; None if there is none.
    """
    with contextlib.suppress(AttributeError, TypeError):
        path: object = botocore.httpsession.get_cert_path(configured or True)  # type: ignore[arg-type]
        if isinstance(path, str):
            return path
    return configured
