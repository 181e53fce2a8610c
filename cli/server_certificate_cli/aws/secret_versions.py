"""Find out whether secrets have newer versions than the ones that certificates were read from."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING

from server_certificate.contract.ownership import Provenance, SecretVersion
from server_certificate_cli.aws.errors import explain_errors
from server_certificate_cli.aws.ownership import State
from server_certificate_cli.aws.session import SECRETS_MANAGER
from server_certificate_cli.errors import CommandError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from types_boto3_secretsmanager.client import SecretsManagerClient

    from server_certificate_cli.aws.certificates import CertificateDetails
    from server_certificate_cli.aws.ownership import Ownership
    from server_certificate_cli.aws.session import Aws

_THREADS = 4
_CURRENT = "AWSCURRENT"


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadFrom:
    """The version of a secret that a certificate was read from, and the current version."""

    read: SecretVersion
    current: str | None
    """The id of the version with the staging label AWSCURRENT; None if it is unknown."""

    @property
    def newer(self) -> bool | None:
        """Whether the secret has a newer version; None if that is unknown."""
        return None if self.current is None else self.current != self.read.version_id

    def as_json(self) -> dict[str, object]:
        """Return it as JSON."""
        return {
            "arn": self.read.arn,
            "version_id": self.read.version_id,
            "current_version_id": self.current,
            "newer": self.newer,
        }


class Secrets:
    """Asks for the current versions of secrets, in the Regions of their ARNs. No value is read."""

    def __init__(self, aws: Aws, *, profile: str | None) -> None:
        """
        Create a reader.

        Args:
            aws: Creates the clients.
            profile: The profile from the command line, for messages.
        """
        self._aws = aws
        self._profile = profile
        self.problem: str | None = None
        """Why some secrets could not be read the last time, as a sentence; None if all could."""

    def of(
        self, certificates: Iterable[tuple[CertificateDetails | None, Ownership]]
    ) -> list[ReadFrom | None]:
        """
        Return where each certificate was read, and what is current there. Each secret is read once.

        Secrets of certificates that no stack has are ignored: a newer version means nothing for them.

        Args:
            certificates: The certificates, None for one that can't be read, and their stacks.
        """
        read = [
            Provenance.of(details.tags).secret_version
            if details is not None and ownership.state is State.CURRENT
            else None
            for details, ownership in certificates
        ]
        self.problem = None
        current = self._current(each for each in read if each is not None)
        return [
            None if each is None else ReadFrom(read=each, current=current.get(each.arn))
            for each in read
        ]

    def _current(self, versions: Iterable[SecretVersion]) -> Mapping[str, str]:
        """Return the current version of each secret, by ARN, as far as it can be read."""
        # Clients are created here, because that isn't safe in threads.
        clients: dict[str, SecretsManagerClient] = {}
        asked: dict[str, SecretsManagerClient] = {}
        for each in versions:
            try:
                if each.region not in clients:
                    clients[each.region] = self._aws.secrets_manager(each.region)
            except CommandError as err:
                self._note(err)
            else:
                asked[each.arn] = clients[each.region]
        with ThreadPoolExecutor(max_workers=_THREADS) as threads:
            found = threads.map(self._current_version, asked, asked.values())
            return {arn: version for arn, version in zip(asked, found, strict=True) if version}

    def _current_version(self, arn: str, client: SecretsManagerClient) -> str | None:
        try:
            with explain_errors(SECRETS_MANAGER, profile=self._profile):
                stages = client.describe_secret(SecretId=arn).get("VersionIdsToStages", {})
        except CommandError as err:
            self._note(err)
            return None
        return next((version for version, labels in stages.items() if _CURRENT in labels), None)

    def _note(self, err: CommandError) -> None:
        self.problem = self.problem or f"Some secrets can't be read. {err.format_message()}"
