"""Existing certificates that this stack refers to but doesn't manage."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from aws_cdk import ArnFormat, Resource, Stack

from cdk_iam_server_certificate.argument_types import text_problem
from cdk_iam_server_certificate.tokens import holds_token
from server_certificate.naming import arn_resource, check_name, check_path
from server_certificate.reading.rules import ARGUMENT_UNUSABLE
from server_certificate.secrecy import quoted, without_material

if TYPE_CHECKING:
    from collections.abc import Callable

    from constructs import Construct

    from server_certificate.findings import Finding

_ARN = re.compile(
    r"arn:[a-z-]+:iam::[0-9]{12}:server-certificate(?P<path>/(?:[^/].*/)?)(?P<name>[^/]+)"
)

_ID = re.compile("[A-Za-z0-9_]{1,128}")
"""IAM API reference, ServerCertificateMetadata."""


class ImportedServerCertificate(Resource):
    """An existing certificate that this app refers to but doesn't change."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        arn: str,
        name: str | None,
        certificate_id: str | None,
        path: str | None,
    ) -> None:
        super().__init__(scope, construct_id, environment_from_arn=arn)
        self._arn = arn
        self._name = name
        self._id = certificate_id
        self._declared_path = path

    @property
    def server_certificate_arn(self) -> str:
        """The ARN, which load balancers and Elastic Beanstalk use."""
        return self._arn

    @property
    def server_certificate_id(self) -> str:
        """
        The ServerCertificateId, which CloudFront uses.

        Raises:
            ValueError: The certificate was imported without its id.
        """
        return self._known(self._id, "server_certificate_id")

    @property
    def server_certificate_name(self) -> str:
        """
        The name, which is unique in the account.

        Raises:
            ValueError: The certificate was imported by an ARN that is only known at deploy time.
        """
        return self._known(self._name, "server_certificate_name")

    @property
    def server_certificate_path(self) -> str:
        """
        The path.

        Raises:
            ValueError: The certificate was imported by an ARN that is only known at deploy time.
        """
        return self._known(self._declared_path, "server_certificate_path")

    def _known(self, value: str | None, attribute: str) -> str:
        if value is None:
            raise ValueError(
                f"[{self.node.path}] The {attribute} of the imported certificate '{self._arn}' is"
                " unknown. Import the certificate with"
                f" ServerCertificate.from_server_certificate_attributes({attribute}=…)."
            )
        return value


def from_arn(scope: Construct, construct_id: str, arn: str) -> ImportedServerCertificate:
    """Import a certificate by its ARN. A literal ARN also provides the name and the path."""
    _refuse(scope, construct_id, _text("server_certificate_arn", arn))
    if holds_token(arn):
        return ImportedServerCertificate(
            scope, construct_id, arn=arn, name=None, certificate_id=None, path=None
        )
    parts = _ARN.fullmatch(arn)
    if parts is None:
        arn = without_material(arn)
        raise ValueError(
            f"[{scope.node.path}/{construct_id}] '{arn}' is not the ARN of a server certificate. The"
            " format is arn:aws:iam::111122223333:server-certificate/path/name."
        )
    return ImportedServerCertificate(
        scope, construct_id, arn=arn, name=parts["name"], certificate_id=None, path=parts["path"]
    )


def from_attributes(
    scope: Construct, construct_id: str, *, name: str, certificate_id: str | None, path: str
) -> ImportedServerCertificate:
    """Import a certificate in the stack's account by its name, path and id."""
    _refuse(
        scope,
        construct_id,
        (
            *_text("server_certificate_name", name, check_name),
            *_text("server_certificate_path", path, check_path),
            *(
                ()
                if certificate_id is None
                else _text("server_certificate_id", certificate_id, _check_id)
            ),
        ),
    )
    arn = Stack.of(scope).format_arn(
        service="iam",
        region="",
        resource=arn_resource(path, name),
        arn_format=ArnFormat.NO_RESOURCE_NAME,
    )
    return ImportedServerCertificate(
        scope, construct_id, arn=arn, name=name, certificate_id=certificate_id, path=path
    )


def _check_id(certificate_id: str) -> tuple[Finding, ...]:
    if _ID.fullmatch(certificate_id):
        return ()
    message = f"{quoted(certificate_id)} is not a ServerCertificateId."
    fix = "Provide an id such as ASCAEXAMPLE1111111111, or omit it if CloudFront doesn't need it."
    return (ARGUMENT_UNUSABLE.finding("server_certificate_id", message, fix),)


def _text(
    argument: str,
    value: object,
    check: Callable[[str], tuple[Finding, ...]] = lambda _: (),
) -> tuple[Finding, ...]:
    """Return the findings about a text. What is only known at deploy time isn't checked."""
    if problem := text_problem(argument, value):
        return (problem,)
    text = str(value)
    if not text:
        fix = "Provide that of the existing certificate."
        return (ARGUMENT_UNUSABLE.finding(argument, "it is empty.", fix),)
    return () if holds_token(text) else check(text)


def _refuse(scope: Construct, construct_id: str, findings: tuple[Finding, ...]) -> None:
    if findings:
        problems = " ".join(str(finding) for finding in findings)
        raise ValueError(f"[{scope.node.path}/{construct_id}] {problems}")
