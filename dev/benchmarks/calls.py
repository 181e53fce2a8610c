"""The calls that the function makes for each operation, compared with the minimum that the API needs."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from dev.benchmarks.processes import FailedError
from dev.benchmarks.rows import Result, Row
from dev.certificates.keys import KeyType
from dev.certificates.pool import Pool
from dev.simulator.account import REGION, Account
from dev.simulator.stack import Stack

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from dev.certificates.authority import Issued

_KEYS = 20
_SERVICES = {
    "DescribeStacks": "CloudFormation",
    "ListStackResources": "CloudFormation",
    "GetSecretValue": "Secrets Manager",
}
"""By action; all others are IAM's."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Operation:
    what: str
    needed: Mapping[str, int]
    """The minimum of calls."""

    others: int
    """The maximum number of other calls to IAM."""

    carry_out: Callable[[_Certificate], object]


@dataclass(slots=True)
class _Certificate:
    """One certificate of the stack, and its declaration."""

    stack: Stack
    pool: Pool
    number: int
    declared: dict[str, Any]

    def create(self) -> None:
        self._check(self.stack.create(self.declared))

    def declare(self, **changes: object) -> None:
        self.declared |= changes
        self._check(self.stack.update(self.declared))

    def renew(self) -> None:
        # Another number means another certificate, with another key.
        self.number += 1_000
        self.declare(**_material(self.pool.leaf(self.number), self.stack.account))

    def delete(self) -> None:
        self._check(self.stack.delete())

    def _check(self, answer: Mapping[str, Any]) -> None:
        if answer["Status"] != "SUCCESS":
            raise FailedError(f"An operation failed that must succeed: {answer['Reason']}")


class _WarmAccount(Account):
    """An account whose clients are created once, like the function's."""

    def __post_init__(self) -> None:
        super().__post_init__()
        self._clients: dict[str, Any] = {}

    def client(self, service: str, region: str = REGION) -> Any:  # noqa: ANN401 - boto3 makes its clients at run time
        if service not in self._clients:
            self._clients[service] = super().client(service, region)
        return self._clients[service]


_OPERATIONS = (
    _Operation(
        what="create",
        needed={"UploadServerCertificate": 1},
        others=2,
        carry_out=lambda certificate: certificate.create(),
    ),
    _Operation(
        what="retag",
        needed={"TagServerCertificate": 1, "UntagServerCertificate": 1},
        others=2,
        carry_out=lambda certificate: certificate.declare(Tags=_tags("team")),
    ),
    _Operation(
        what="re-path",
        needed={"UpdateServerCertificate": 1},
        others=2,
        carry_out=lambda certificate: certificate.declare(Path="/shop/"),
    ),
    _Operation(
        what="renew",
        needed={"UploadServerCertificate": 1, "DeleteServerCertificate": 1},
        others=7,
        carry_out=lambda certificate: certificate.renew(),
    ),
    _Operation(
        what="rename",
        needed={"UpdateServerCertificate": 1},
        others=4,
        carry_out=lambda certificate: certificate.declare(
            ServerCertificateName=f"host-{certificate.number}"
        ),
    ),
    _Operation(
        what="renew under one name",
        needed={
            "UploadServerCertificate": 1,
            "UpdateServerCertificate": 2,
            "DeleteServerCertificate": 1,
        },
        others=9,
        carry_out=lambda certificate: certificate.renew(),
    ),
    _Operation(
        what="delete",
        needed={"DeleteServerCertificate": 1},
        others=3,
        carry_out=lambda certificate: certificate.delete(),
    ),
)


def run(*, certificates: int = 100, others: int = 50) -> Result:
    """
    Measure.

    Args:
        certificates: The number of certificates in the stack; each goes through all operations.
        others: The number of other certificates in the account.
    """
    pool = Pool.make(KeyType.P256, _KEYS)
    account = _WarmAccount(quota=certificates + others + 1)
    for number in range(others):
        _Certificate(*_alone(account, pool, 500_000 + number)).create()
    ours = _stack(account, pool, certificates)
    return Result(
        title="Calls",
        method=(
            f"{certificates} certificates of one stack go through all operations, in the "
            f"function's real code and an account in memory with {others} other certificates. Each "
            "row shows the certificate with the most calls of IAM. Calls that a renewal causes in "
            "the clean-up of the update count too. The minimum is what the API needs for the "
            "operation: under one name, the new certificate needs a place next to the old one. "
            "IAM deletes and moves whatever has the name, so a certificate is read again before "
            "it is deleted, and after it was moved aside."
        ),
        rows=tuple(_row(operation, _count(operation, ours, account)) for operation in _OPERATIONS),
    )


def _stack(account: Account, pool: Pool, certificates: int) -> list[_Certificate]:
    ours = [_Certificate(*_alone(account, pool, number)) for number in range(certificates)]
    for certificate in ours:
        certificate.stack.stack_id = ours[0].stack.stack_id
    return ours


def _alone(account: Account, pool: Pool, number: int) -> tuple[Stack, Pool, int, dict[str, Any]]:
    """Return a certificate's parts, in a stack of its own."""
    declared = {
        "NamePrefix": f"Many-Certificate{number}-1A2B3C4D-eu-central-1",
        "Tags": _tags("budget"),
        "PropagationSeconds": "0",
        **_material(pool.leaf(number), account),
    }
    return Stack(account, logical_id=f"Certificate{number}"), pool, number, declared


def _material(leaf: Issued, account: Account) -> dict[str, Any]:
    arn = f"arn:aws:secretsmanager:eu-central-1:111122223333:secret:key-{len(account.secrets)}"
    account.secrets[arn] = leaf.key_pem().encode()
    return {
        "Certificate": {"Text": leaf.pem},
        "CertificateChain": {"Text": leaf.chain_pem(root=False)},
        "PrivateKey": {"SecretArn": arn},
    }


def _tags(key: str) -> list[dict[str, str]]:
    return [{"Key": key, "Value": "shop"}]


def _count(
    operation: _Operation, certificates: Sequence[_Certificate], account: Account
) -> Counter[str]:
    """Run it for all certificates, one after the other; return the largest number of calls."""
    counted = []
    for certificate in certificates:
        account.calls.clear()
        operation.carry_out(certificate)
        counted.append(Counter(account.calls))
    return max(counted, key=lambda calls: _of_service(calls, "IAM").total())


def _of_service(calls: Counter[str], service: str) -> Counter[str]:
    return Counter(
        {action: number for action, number in calls.items() if _service(action) == service}
    )


def _service(action: str) -> str:
    return _SERVICES.get(action, "IAM")


def _row(operation: _Operation, calls: Counter[str]) -> Row:
    of_iam = _of_service(calls, "IAM")
    least = Counter(operation.needed)
    allowed = least.total() + operation.others
    return Row(
        what=f"{operation.what}: calls",
        measured="; ".join(
            f"{service}: {_formatted(_of_service(calls, service).items())}"
            for service in dict.fromkeys(("IAM", *_SERVICES.values()))
        ),
        against=f"the minimum: {_formatted(least.items())}",
        ratio=of_iam.total() / least.total(),
        target=f"the minimum, and at most {operation.others} other calls to IAM",
        is_met=of_iam.total() <= allowed
        and all(of_iam[action] <= number for action, number in least.items()),
    )


def _formatted(calls: Iterable[tuple[str, int]]) -> str:
    return ", ".join(f"{number} {_short(action)}" for action, number in sorted(calls)) or "none"


def _short(action: str) -> str:
    return action.replace("ServerCertificates", "").replace("ServerCertificate", "")
