"""The account that the user's configuration leads to."""

from __future__ import annotations

from typing import TYPE_CHECKING

from server_certificate_cli.aws.certificates import Certificates
from server_certificate_cli.aws.changes import Changes
from server_certificate_cli.aws.consumers import find_consumers
from server_certificate_cli.aws.notes import note
from server_certificate_cli.aws.secret_versions import Secrets
from server_certificate_cli.aws.session import Aws
from server_certificate_cli.aws.stacks import Stacks

if TYPE_CHECKING:
    from collections.abc import Sequence

    from server_certificate_cli.aws.consumers import Consumers


class Account:
    """Reads and changes the certificates of an account, and reads their stacks, secrets and consumers."""

    def __init__(self, *, profile: str | None, region: str | None) -> None:
        """
        Read the configuration, without sending a request.

        Args:
            profile: The profile from the command line; None for the default.
            region: The Region from the command line; None for the default.

        Raises:
            CommandError: The profile does not exist, or the configuration is invalid.
        """
        self._aws = Aws(profile=profile, region=region)
        self._profile = profile
        client = self._aws.iam()
        self.certificates = Certificates(client, profile=profile)
        self.changes = Changes(client, profile=profile)
        self.stacks = Stacks(self._aws, profile=profile)
        self.secrets = Secrets(self._aws, profile=profile)

    def consumers(self, regions: Sequence[str] | None) -> Consumers | None:
        """
        Find what uses certificates. What can't be read becomes a note on standard error.

        Args:
            regions: The Regions whose load balancers are read; empty for that of the configuration.
                None if the user doesn't want to know: nothing is read then.
        """
        if regions is None:
            return None
        found = find_consumers(self._aws, regions, profile=self._profile)
        for problem in found.problems:
            note(problem)
        return found
