"""Find a certificate by its name, its id or its ARN."""

from __future__ import annotations

import difflib
import re
from typing import TYPE_CHECKING

from server_certificate.naming import check_name
from server_certificate_cli.aws.certificates import MISSING
from server_certificate_cli.aws.errors import ACCESS_DENIED, AwsRefusedError
from server_certificate_cli.errors import CommandError

if TYPE_CHECKING:
    from server_certificate_cli.aws.certificates import CertificateDetails, Certificates

_ID = re.compile(r"ASCA[A-Z2-7]{17}")
_ARN = re.compile(r"arn:[\w-]+:iam::\d*:server-certificate/(?:[^ ]*/)?(?P<name>[^/ ]+)")
_PERHAPS_MISSING = "If the policy is limited to paths, IAM gives the same answer for a certificate that does not exist."


def find(certificates: Certificates, wanted: str) -> CertificateDetails:
    """
    Return a certificate.

    Args:
        certificates: The certificates of the account.
        wanted: The name, the ServerCertificateId or the ARN.

    Raises:
        AwsRefusedError: The certificate does not exist, or the request failed.
        CommandError: The value is not a valid name, id or ARN.
    """
    if _ID.fullmatch(wanted):
        return _find_by_id(certificates, wanted)
    if wanted.startswith("arn:"):
        return _find_by_arn(certificates, wanted)
    if findings := check_name(wanted):
        raise CommandError(
            f"This is not a valid server certificate name: {findings[0].message}"
            " Provide a name, a ServerCertificateId (ASCA…) or an ARN."
        )
    return _get(certificates, wanted) or _missing(certificates, wanted)


def _find_by_id(certificates: Certificates, wanted: str) -> CertificateDetails:
    for certificate in certificates.all():
        if certificate.certificate_id == wanted:
            shown = certificates.get(certificate.name)
            if shown is not None and shown.listed.certificate_id == wanted:
                return shown
    # A name can look like an id.
    return _get(certificates, wanted) or _missing(certificates, wanted)


def _find_by_arn(certificates: Certificates, wanted: str) -> CertificateDetails:
    match = _ARN.fullmatch(wanted)
    if match is None:
        raise CommandError(
            f"'{wanted}' is not the ARN of an IAM server certificate. The format is"
            " arn:aws:iam::111122223333:server-certificate/path/name."
        )
    shown = _get(certificates, match["name"])
    if shown is not None and shown.listed.arn != wanted:
        raise AwsRefusedError(
            f"There is no server certificate {wanted}. The certificate named '{match['name']}' has"
            f" the ARN {shown.listed.arn}.",
            code=MISSING,
        )
    return shown or _missing(certificates, match["name"])


def _get(certificates: Certificates, name: str) -> CertificateDetails | None:
    try:
        return certificates.get(name)
    except AwsRefusedError as err:
        if err.code == ACCESS_DENIED:
            raise AwsRefusedError(f"{err.message} {_PERHAPS_MISSING}", code=err.code) from None
        raise


def _missing(certificates: Certificates, wanted: str) -> CertificateDetails:
    try:
        names = [certificate.name for certificate in certificates.all()]
    except AwsRefusedError:
        names = []
    hint = ""
    if _ID.fullmatch(wanted) is None:
        by_folded = {name.casefold(): name for name in names}
        near = difflib.get_close_matches(wanted.casefold(), by_folded, n=3)
        quoted = " or ".join(f"'{by_folded[name]}'" for name in near)
        hint = f" Did you mean {quoted}?" if near else ""
    raise AwsRefusedError(
        f"There is no server certificate '{wanted}' in this account.{hint}"
        " To list all certificates, run: server-certificate list",
        code=MISSING,
    )
