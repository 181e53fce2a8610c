"""Who may call: anyone who signs a request with the secret of its access key (AWS Signature Version 4)."""

from __future__ import annotations

import hashlib
import hmac
import re
from typing import TYPE_CHECKING
from urllib.parse import parse_qs

from ministack.core import iam_evaluator, responses, router, sigv4
from ministack.core.iam_evaluator import AuthError, CredentialResolutionError

from local_cloud.emulator.internals import function

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ministack.core.sigv4 import HeaderSignature

    from local_cloud.emulator.calls.requests import Request

    Query = Mapping[str, list[str]]

INTERNALS = (
    function(iam_evaluator, "find_iam_access_key_account", "access_key_id"),
    function(iam_evaluator, "is_root_access_key", "access_key_id"),
    function(iam_evaluator, "resolve_credential", "access_key_id", "account_id", "session_token"),
    function(responses, "_account_from_sts_session", "access_key_id"),
    function(router, "extract_access_key_id", "headers", "query_params"),
    function(sigv4, "parse_header_signature", "headers"),
    function(sigv4, "parse_query_signature", "query_params"),
    function(sigv4, "presigned_request_is_expired", "amz_date", "expires", "now"),
    function(sigv4, "request_time_failure", "signature", "now"),
    function(
        sigv4,
        "header_signature_failure",
        *("signature", "secret", "method", "raw_path", "query_params", "headers", "body"),
        *("presigned", "explain"),
    ),
)

_ALGORITHM = "AWS4-HMAC-SHA256"
_ACCOUNT_ID = re.compile(r"\d{12}", re.ASCII)
_SHA256 = re.compile(r"[0-9a-f]{64}")
# What stands for the hash of a body. The emulator checks the signatures of signed chunks.
_OTHER_PAYLOADS = frozenset(
    {
        "UNSIGNED-PAYLOAD",
        "STREAMING-UNSIGNED-PAYLOAD-TRAILER",
        "STREAMING-AWS4-HMAC-SHA256-PAYLOAD",
        "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER",
    }
)

_MISSING = AuthError("MissingAuthenticationToken", "Request is missing Authentication Token")
# Each start has another secret, so a terminal that still has the lines of another one is likely.
_HINT = " Use the export lines that the running local cloud printed."
_UNKNOWN = AuthError(
    "InvalidClientTokenId", f"The security token included in the request is invalid.{_HINT}"
)
_UNSUPPORTED = AuthError(
    "UnsupportedSignature",
    "The request signature does not conform to AWS standards. "
    f"The local cloud verifies {_ALGORITHM} only.",
)
# Amazon S3's text. Its answer names them in another element.
_ADDED = "There were headers present in the request which were not signed"
_FORM = "application/x-www-form-urlencoded"
_NO_FORM = (
    f"The local cloud refuses Content-Type {_FORM} at presigned URLs of S3. Send another one; "
    "with curl, upload with -T instead of --data."
)


class Signatures:
    """Checks signatures, and the secret itself."""

    def __init__(self, secret_access_key: str) -> None:
        """
        Take the secret of this start.

        Args:
            secret_access_key: What belongs to access keys that are account ids.
        """
        self._secret = secret_access_key

    def names_secret(self, request: Request) -> bool:
        """Return whether a request has the header ``Authorization: Bearer`` with the secret."""
        return hmac.compare_digest(
            request.headers.get("authorization", "").encode(), f"Bearer {self._secret}".encode()
        )

    def failure(self, request: Request) -> AuthError | None:
        """Return why a request isn't accepted; None if it is."""
        query = parse_qs(request.query, keep_blank_values=True)
        authorization = request.headers.get("authorization", "")
        presigned = not authorization
        algorithm = authorization.partition(" ")[0] or _first(query, "X-Amz-Algorithm")
        if not algorithm and "AWSAccessKeyId" not in query:
            return _MISSING
        if algorithm != _ALGORITHM:
            return _UNSUPPORTED
        signature = (
            sigv4.parse_query_signature(query)
            if presigned
            else sigv4.parse_header_signature(request.headers)
        )
        if isinstance(signature, tuple):
            return AuthError(*signature)
        if signature.access_key_id != router.extract_access_key_id(request.headers, query):
            return _UNSUPPORTED
        token = (
            _first(query, "X-Amz-Security-Token")
            if presigned
            else request.headers.get("x-amz-security-token", "")
        )
        secret = self._secret_of(signature.access_key_id, token)
        if isinstance(secret, AuthError):
            return secret
        return (
            _time_failure(signature, query, presigned=presigned)
            or _mismatch(signature, secret, request, query, presigned=presigned)
            or (_added_header(signature, request) if presigned else None)
        )

    def _secret_of(self, access_key_id: str, token: str) -> str | AuthError:
        if _ACCOUNT_ID.fullmatch(access_key_id):
            return self._secret
        if iam_evaluator.is_root_access_key(access_key_id):
            # The emulator's other keys that may do everything, such as "test".
            return _UNKNOWN
        account_id = responses._account_from_sts_session(  # noqa: SLF001 - no public way in
            access_key_id
        ) or iam_evaluator.find_iam_access_key_account(access_key_id)
        credential = iam_evaluator.resolve_credential(access_key_id, account_id, token)
        if not isinstance(credential, CredentialResolutionError):
            secret: str = credential.secret_access_key
            return secret
        if credential.code == "ExpiredTokenException" or (
            credential.code == "InvalidToken" and token
        ):
            return AuthError(credential.code, credential.message)
        return _UNKNOWN


def _time_failure(signature: HeaderSignature, query: Query, *, presigned: bool) -> AuthError | None:
    expires = _first(query, "X-Amz-Expires")
    if not (presigned and expires):
        failure = sigv4.request_time_failure(signature)
        return AuthError(*failure) if failure else None
    try:
        expired = sigv4.presigned_request_is_expired(signature.amz_date, expires)
    except (ValueError, OverflowError):
        expired = True
    return AuthError("RequestExpired", "Request has expired") if expired else None


def _mismatch(
    signature: HeaderSignature, secret: str, request: Request, query: Query, *, presigned: bool
) -> AuthError | None:
    try:
        failure = sigv4.header_signature_failure(
            signature,
            secret,
            request.method,
            request.raw_path,
            query,
            request.headers,
            request.body,
            presigned=presigned,
        )
    except TypeError:
        # A signature that isn't ASCII can't be compared.
        return _mismatch_error()
    if failure is not None:
        code, message = failure
        return AuthError(code, message + _HINT)
    if presigned and signature.service == "s3":
        return _body_failure(request)
    declared = request.headers.get("x-amz-content-sha256")
    if declared is None or declared in _OTHER_PAYLOADS:
        return None
    if _SHA256.fullmatch(declared) and declared == hashlib.sha256(request.body).hexdigest():
        return None
    return _mismatch_error()


def _added_header(signature: HeaderSignature, request: Request) -> AuthError | None:
    """
    Refuse a header that somebody added to a presigned URL.

    It could make another call of it, of the same service or of another one.
    """
    signed = signature.signed_headers.split(";")
    added = [name for name in request.headers if name.startswith("x-amz-") and name not in signed]
    return AuthError("AccessDenied", f"{_ADDED}: {', '.join(added)}") if added else None


def _body_failure(request: Request) -> AuthError | None:
    """
    Refuse a body that can name the action of another service.

    A presigned URL of S3 doesn't sign the body.
    """
    if request.headers.get("content-type", "").lower().startswith(_FORM):
        return AuthError("AccessDenied", _NO_FORM)
    return None


def _mismatch_error() -> AuthError:
    return AuthError("SignatureDoesNotMatch", sigv4.SIGNATURE_MISMATCH)


def _first(query: Query, name: str) -> str:
    return (query.get(name) or query.get(name.lower()) or [""])[0]
