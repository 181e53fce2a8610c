"""
Replayed, reordered and forged events, delivered to a stack at rest.

    python -m dev.fuzzing.resting --events 20000    stops at the first event that changes something
"""

from __future__ import annotations

import json
import random
import sys
from collections import Counter
from typing import TYPE_CHECKING, Any

from dev.certificates.authority import Authority
from dev.fuzzing.search_command import search_from_command_line
from dev.fuzzing.trial import BrokenError
from dev.simulator.account import Account
from dev.simulator.events import new_stack_id
from dev.simulator.stack import Stack

if TYPE_CHECKING:
    from dev.certificates.authority import Issued
    from dev.simulator.events import Event, Properties

_SECRET = "arn:aws:secretsmanager:eu-central-1:111122223333:secret:key"  # noqa: S105 (an address)
_INVENTED = ("web-Certificate-1A2B3C4D", "not-created-0", "ASCAQXRQ45OGOXN4H7UIZ")


class RestingStack:
    """A stack at rest with a history, next to a certificate of no stack and one of another stack."""

    def __init__(self) -> None:
        self.account = Account(stack_status="")
        self._authority = Authority.root()
        first, second, foreign = (
            self._authority.leaf(f"{name}.example.com") for name in ("www", "shop", "foreign")
        )
        self._upload("theirs", foreign)
        self._upload("adopted", foreign)
        self.stack = self._new_stack("web")
        self.stack.create(self._declared(first, ServerCertificateName="www"))
        self.stack.update(self._declared(first, ServerCertificateName="shop", Path="/edge/"))
        self.stack.update(self._declared(second, ServerCertificateName="shop"))
        self.stack.update(self._declared(first, ServerCertificateName="www"), neighbor_fails=True)
        self.stack.update(self._declared(first))
        self.stack.update(self._declared(second, Tags=[{"Key": "Team", "Value": "edge"}]))
        self.other = self._new_stack("other")
        self.other.create(self._declared(foreign, ServerCertificateName="adopted", Adopt="true"))
        self.events = [*self.stack.events, *self.other.events]
        self.before = self.shown()

    def shown(self) -> dict[str, Any]:
        """Return everything that is in IAM."""
        return dict(self.account.certificates._by_name)  # noqa: SLF001 (all of it, and at once)

    def forged(self, chance: random.Random) -> Event:
        """Return an event of the past, or one made from several."""
        event = dict(chance.choice(self.events))
        if chance.random() < 0.3:  # noqa: PLR2004 (as it was sent)
            return event
        for _ in range(chance.randint(1, 4)):
            key, value = chance.choice(list(self._forgeries(chance).items()))
            event[key] = value
        return event

    def deliver(self, event: Event) -> str:
        """
        Deliver an event, and return the answer.

        Raises:
            BrokenError: It has changed something, or uploaded something for a stack at rest.
        """
        status = self.stack.deliver(event)["Status"]
        after = self.shown()
        if any(after.get(name) != certificate for name, certificate in self.before.items()):
            raise BrokenError(f"{json.dumps(event)} changed something.")
        if event["StackId"] in {self.stack.stack_id, self.other.stack_id} and after != self.before:
            raise BrokenError(f"{json.dumps(event)} added {sorted(set(after) - set(self.before))}.")
        # For a stack whose status can't be read, an upload is allowed.
        for name in set(after) - set(self.before):
            self.account.certificates.delete(name)
        return f"{event['RequestType']} {status}"

    def _forgeries(self, chance: random.Random) -> dict[str, object]:
        other = chance.choice(self.events)
        properties = [
            each[key]
            for each in self.events
            for key in ("ResourceProperties", "OldResourceProperties")
            if key in each
        ]
        ids = [certificate.certificate_id for certificate in self.before.values()]
        former = [
            each["PhysicalResourceId"] for each in self.events if "PhysicalResourceId" in each
        ]
        return {
            "RequestType": chance.choice(("Create", "Update", "Delete")),
            "PhysicalResourceId": chance.choice((*ids, *former, *_INVENTED)),
            "RequestId": chance.choice((other["RequestId"], "forged")),
            "LogicalResourceId": chance.choice(("Certificate", "Other")),
            "StackId": chance.choice((self.stack.stack_id, self.other.stack_id, new_stack_id("x"))),
            "ResourceProperties": self._mixed(chance, properties),
            "OldResourceProperties": self._mixed(chance, properties),
        }

    def _mixed(self, chance: random.Random, properties: list[Properties]) -> Properties:
        mixed = {**chance.choice(properties)}
        names = (*self.before, "www", "free")
        mixed["ServerCertificateName"] = chance.choice((*names, None))
        mixed["Adopt"] = chance.choice(("true", "false"))
        mixed["Retain"] = chance.choice(("true", "false"))
        return {key: value for key, value in mixed.items() if value is not None}

    def _new_stack(self, name: str) -> Stack:
        stack = Stack(self.account, name=name)
        # The status of any other stack is refused.
        stack.status = "CREATE_IN_PROGRESS"
        return stack

    def _upload(self, name: str, issued: Issued) -> None:
        self.account.certificates.upload(
            name,
            body=issued.pem,
            chain=issued.chain_pem() or None,
            private_key=issued.key_pem(),
        )

    def _declared(self, issued: Issued, **changes: object) -> Properties:
        secret = f"{_SECRET}-{issued.certificate.serial_number}"
        self.account.secrets[secret] = issued.key_pem()
        return {
            "NamePrefix": "web-Certificate-1A2B3C4D-eu-central-1",
            "Certificate": {"Text": issued.pem},
            "CertificateChain": {"Text": issued.chain_pem(root=True)},
            "PrivateKey": {"SecretArn": secret},
            "PropagationSeconds": "0",
            **changes,
        }


def search(number: int, seed: int) -> Counter[str]:
    """
    Deliver events to a stack at rest.

    Args:
        number: The number of events.
        seed: The random seed.

    Returns:
        The number of answers by kind.

    Raises:
        BrokenError: An event has changed something.
    """
    resting = RestingStack()
    return Counter(
        resting.deliver(resting.forged(random.Random(seed + index)))  # noqa: S311 (no secret)
        for index in range(number)
    )


def main() -> int:
    """Search; the exit code is 1 if an event changed something."""
    return search_from_command_line(
        "dev.fuzzing.resting",
        "Search for an event that changes a stack at rest.",
        lambda number, seed: (search(number, seed),),
    )


if __name__ == "__main__":
    sys.exit(main())
