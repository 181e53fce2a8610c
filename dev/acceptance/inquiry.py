"""What a question has at hand."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property
from typing import TYPE_CHECKING, Any

from dev.acceptance.errors import ignored
from dev.acceptance.patience import Patience
from dev.acceptance.recorder import Recorder
from dev.acceptance.run import Kind, Ledger
from dev.acceptance.stacks import AskedStack
from dev.certificates.authority import Authority

if TYPE_CHECKING:
    from pathlib import Path

    from dev.acceptance.account import Account
    from dev.acceptance.run import Run
    from dev.certificates.authority import Issued
    from dev.tools.interruption import Interruption

HOST = "www.example.com"


@dataclass
class Inquiry:
    """
    The account, and everything that questions share.

    Attributes:
        account: The account.
        run: The run, which names everything.
        folder: An empty folder for files.
        interruption: Holds signals back while a process is started.
        propagation_seconds: How long the construct waits after an upload.
        with_load_balancer: Whether load balancers may be created.
        ledger: What has been created.
        patience: Waits.
    """

    account: Account
    run: Run
    folder: Path
    interruption: Interruption
    propagation_seconds: int = 30
    with_load_balancer: bool = False
    ledger: Ledger = field(default_factory=Ledger)
    patience: Patience = field(default_factory=Patience)
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _recorder: Recorder | None = None

    @cached_property
    def iam(self) -> Any:  # noqa: ANN401 - boto3 makes its clients at run time
        """An IAM client that leaves every check to IAM."""
        return self.account.client("iam", parameter_validation=False)

    @cached_property
    def authority(self) -> Authority:
        """An authority, valid now."""
        return Authority.root(at=datetime.now(UTC)).intermediate()

    def recorder(self) -> Recorder:
        """Return the function that records its events, deployed once."""
        with self._lock:
            if self._recorder is None:
                self._recorder = Recorder.deployed(
                    self.account, self.stack("recorder"), self.run, self.patience
                )
            return self._recorder

    def stack(self, suffix: str) -> AskedStack:
        """Return a stack that isn't created yet."""
        name = self.ledger.note(Kind.STACK, self.run.name(suffix))
        return AskedStack(self.account, name, self.run.tags, self.patience)

    def leaf(self) -> Issued:
        """Issue a server certificate."""
        return self.authority.leaf(HOST)

    def upload(
        self,
        suffix: str,
        material: Issued | None = None,
        **parameters: Any,  # noqa: ANN401 - parameters of boto3
    ) -> dict[str, Any]:
        """
        Upload a certificate, tagged unless the parameters say otherwise; return its metadata.

        Args:
            suffix: The end of its name.
            material: Certificate, key and chain; default: new ones.
            **parameters: Parameters of UploadServerCertificate that differ.
        """
        request = self.request(suffix, material) | parameters
        uploaded = self.iam.upload_server_certificate(**request)
        metadata: dict[str, Any] = uploaded["ServerCertificateMetadata"]
        return metadata

    def request(self, suffix: str, material: Issued | None = None) -> dict[str, Any]:
        """Return the parameters of an upload, and note its name."""
        issued = material or self.leaf()
        return {
            "ServerCertificateName": self.ledger.note(Kind.CERTIFICATE, self.run.name(suffix)),
            "CertificateBody": issued.pem,
            "PrivateKey": issued.key_pem(),
            **({"CertificateChain": issued.chain_pem()} if issued.issuers else {}),
            "Tags": self.run.tags,
        }

    def rename(self, name: str, suffix: str) -> str:
        """Rename a certificate, and return its new name."""
        new_name = self.ledger.note(Kind.CERTIFICATE, self.run.name(suffix))
        self.iam.update_server_certificate(
            ServerCertificateName=name, NewServerCertificateName=new_name
        )
        return new_name

    def discard(self, name: str) -> None:
        """Delete a certificate if it is there."""
        with ignored("NoSuchEntity"):
            self.iam.delete_server_certificate(ServerCertificateName=name)

    def exists(self, name: str) -> bool:
        """Whether IAM has a certificate with this name."""
        try:
            self.iam.get_server_certificate(ServerCertificateName=name)
        except self.iam.exceptions.NoSuchEntityException:
            return False
        return True
