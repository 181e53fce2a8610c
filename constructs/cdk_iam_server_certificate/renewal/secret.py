"""The secret that a certificate comes from, as the renewal needs to know it."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, cast

from aws_cdk import Fn, Reference, Tokenization

from cdk_iam_server_certificate.tokens import holds_token, split_at_tokens, without_tokens
from server_certificate.contract.sources import Source as Key
from server_certificate.secrecy import quoted

if TYPE_CHECKING:
    from aws_cdk import IResolvable

    from cdk_iam_server_certificate.renewal.root import Root
    from cdk_iam_server_certificate.sources.source import Source

_NAME: Final = ":secret:"
"""What the name follows in the ARN of a secret."""

_PSEUDO_PARAMETER: Final = re.compile(r"\$\{Token\[AWS(?:\.|::)([A-Za-z]+)\.[0-9]+\]\}")
"""The CDK's token for a pseudo parameter of CloudFormation."""

_NAME_INDEX: Final = 6
"""The position of the name in an ARN that is split at the colons."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RenewalSecret:
    """A secret whose versions are compared with the certificate."""

    location: str
    """What identifies it in the app, independent of the order of declarations."""

    arn: str
    """The ARN; without the random suffix if the secret was imported without it."""

    full_arn: str | None
    """The ARN with the random suffix; None if it is unknown."""

    resource: str
    """The ARN as in a policy."""

    is_elsewhere: bool
    """Whether it is in another account or Region, whose events the stack's event bus doesn't get."""

    @classmethod
    def of(cls, source: Source, root: Root) -> RenewalSecret | None:
        """Return the secret of a source; None if the source isn't a valid secret."""
        arn = source.keys.get(Key.SECRET_ARN)
        if arn is None:
            return None
        return cls(
            location=_location(arn, root),
            arn=arn,
            full_arn=source.full_secret_arn,
            resource=source.permissions[0].resource,
            is_elsewhere=_is_elsewhere(arn, root),
        )

    @property
    def readable(self) -> str:
        """The ARN for messages, or the construct's path."""
        return quoted(self.location)

    def event_filter(self) -> dict[str, Any]:
        """Return the part of an event pattern that matches this secret's events alone."""
        if self.full_arn is not None:
            return {"resources": [self.full_arn]}
        name = (
            self.arn.partition(_NAME)[2]
            if _NAME in self.arn
            else Fn.select(_NAME_INDEX, Fn.split(":", self.arn))
        )
        return {"detail": {"name": [name]}}


def _location(arn: str, root: Root) -> str:
    return "".join(
        _token_location(piece, root) if is_token else piece
        for piece, is_token in split_at_tokens(arn)
    )


def _token_location(token: str, root: Root) -> str:
    """
    Return what a token stands for: a construct's path, or the token's value in the template.

    Resources of different nested stacks can have the same logical ID. The numbers in tokens depend
    on the order of declarations.
    """
    if pseudo := _PSEUDO_PARAMETER.fullmatch(token):
        return f"<{pseudo[1]}>"
    first = cast("IResolvable", Tokenization.reverse_string(token).first_token)
    if Reference.is_reference(first):
        reference = cast("Reference", first)
        path = reference.target.node.path.removeprefix(f"{root.path}/")
        return f"<{path}.{reference.display_name}>"
    return json.dumps(root.stack.resolve(token), sort_keys=True)


def _is_elsewhere(arn: str, root: Root) -> bool:
    match without_tokens(arn).split(":"):
        case ["arn", _, _, region, account, *_]:
            own = ((region, root.region), (account, root.account))
            return any(given and not holds_token(here) and given != here for given, here in own)
        case _:
            return False
