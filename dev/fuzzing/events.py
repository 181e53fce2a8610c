"""
Search for an event that the function does not answer.

    python -m dev.fuzzing.events --events 20000    tries events; stops at the first that breaks something
"""

from __future__ import annotations

import json
import logging
import random
import sys
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from dev.certificates.authority import Authority
from dev.fuzzing.event_mutation import changed
from dev.fuzzing.search_command import search_from_command_line
from dev.fuzzing.trial import BrokenError
from dev.simulator.account import Account
from dev.simulator.events import new_event, new_stack_id
from dev.simulator.sandbox import Sandbox
from server_certificate_handler.delivery import DeliveryError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dev.simulator.events import Answer, Event

_SERVICES = ("iam", "cloudformation", "secretsmanager", "ssm", "s3")
_SECRET = "arn:aws:secretsmanager:eu-central-1:111122223333:secret:"  # noqa: S105 (an address)
_PASSPHRASE = "open sesame"  # noqa: S105 (it keeps nothing)
_HEAD = 30
"""Characters of an id that no answer cuts, whatever they are."""

_STACK_ID, _LOGICAL_ID = new_stack_id("web"), "Certificate"
_ROOT = Authority.root()
_LEAF, _OTHER = _ROOT.leaf("www.example.com"), _ROOT.leaf("shop.example.com")


@dataclass
class Trial:
    """The function, and what became of the events that it was given."""

    sandbox: Sandbox = field(default_factory=lambda: Sandbox(_SERVICES))
    outcomes: Counter[str] = field(default_factory=Counter)
    reasons: Counter[str] = field(default_factory=Counter)
    """How often each kind of internal error came."""

    _answers: list[Answer] = field(default_factory=list)

    @property
    def tallies(self) -> tuple[Counter[str], Counter[str]]:
        """What was counted."""
        return self.outcomes, self.reasons

    def __post_init__(self) -> None:
        """Receive what the function answers."""
        self.sandbox.receive = self._receive

    def try_out(self, event: Any, account: Account) -> None:  # noqa: ANN401 (JSON)
        """
        Give the function an event.

        Raises:
            BrokenError: It did not answer, or not as CloudFormation wants it.
        """
        self._answers.clear()
        try:
            self.sandbox.run(account, event)
        except DeliveryError:
            if is_answerable(event):
                raise BrokenError("The answer was not delivered.") from None
            self.outcomes["cannot be answered"] += 1
            return
        if len(self._answers) != 1:
            raise BrokenError(f"It was answered {len(self._answers)} times.")
        (answer,) = self._answers
        _check(answer, event)
        self.outcomes[f"answered {answer['Status']}"] += 1
        if answer["Reason"].startswith("Internal error"):
            self.reasons[" ".join(answer["Reason"].split()[2:8])] += 1

    def delete_what_failed(self, event: Event, account: Account) -> None:
        """
        Have what a Create left behind deleted, if it has failed.

        Raises:
            BrokenError: The Delete failed: then it would fail for ever.
        """
        if not self._answers or self._answers[0]["Status"] != "FAILED":
            return
        account.stack_status = "ROLLBACK_IN_PROGRESS"
        request = {
            "RequestType": "Delete",
            "RequestId": "delete",
            "PhysicalResourceId": self._answers[0]["PhysicalResourceId"],
        }
        self.try_out({**event, **request}, account)
        is_real = (
            event.get("StackId") == _STACK_ID and event.get("LogicalResourceId") == _LOGICAL_ID
        )
        if is_real and [each["Status"] for each in self._answers] != ["SUCCESS"]:
            raise BrokenError(f"What failed can't be deleted: {self._answers}")

    def _receive(self, url: str, answer: Answer) -> None:
        if not url.lower().startswith("https://"):
            raise DeliveryError("no https")
        self._answers.append(answer)


def is_answerable(event: Any) -> bool:  # noqa: ANN401 (JSON)
    """Return whether an event says where its answer belongs."""
    url = event.get("ResponseURL") if isinstance(event, dict) else None
    return isinstance(url, str) and url.lower().startswith("https://")


def search(number: int, seed: int) -> Trial:
    """
    Try events that are made from real ones.

    Args:
        number: How many.
        seed: Where chance comes from.

    Raises:
        BrokenError: One was not answered as it must be; the message has the event.
    """
    trial = Trial()
    logger = logging.getLogger()
    detector = _Detector()
    logger.addHandler(detector)
    try:
        seeds = list(_seeds(trial))
        for index in range(number):
            chance = random.Random(seed + index)  # noqa: S311 (the same seed, the same event)
            seed_event, certificates = chance.choice(seeds)
            event = changed(seed_event, chance)
            account = _account()
            account.certificates._by_name |= certificates  # noqa: SLF001 (quicker than to upload them)
            try:
                trial.try_out(event, account)
                if event.get("RequestType") == "Create":
                    trial.delete_what_failed(event, account)
            except Exception as err:
                raise BrokenError(f"seed {seed + index}: {err!r}: {json.dumps(event)}") from err
    finally:
        logger.removeHandler(detector)
    return trial


class _Detector(logging.Handler):
    """Takes records as Lambda does, which forgives none that can't be written."""

    def emit(self, record: logging.LogRecord) -> None:
        """Look at a record."""
        text = self.format(record).encode().decode()
        secrets = (_LEAF.key_pem().splitlines()[2], _PASSPHRASE, "X-Amz-Signature")
        if any(secret in text for secret in secrets):
            raise BrokenError("The log has a secret.")


def _check(answer: Answer, event: Event) -> None:
    texts = ("Status", "PhysicalResourceId", "StackId", "RequestId", "LogicalResourceId", "Reason")
    if not all(isinstance(answer[key], str) for key in texts):
        raise BrokenError(f"Not all are texts: {answer}")
    if answer["Status"] not in {"SUCCESS", "FAILED"} or not answer["PhysicalResourceId"]:
        raise BrokenError(f"CloudFormation refuses it: {answer}")
    if not all(isinstance(value, str) for value in answer["Data"].values()):
        raise BrokenError(f"An attribute is no text: {answer}")
    for key in texts[2:5]:
        if isinstance(event.get(key), str) and answer[key][:_HEAD] != event[key][:_HEAD]:
            raise BrokenError(f"{key} is another: {answer}")


def _account() -> Account:
    return Account(
        secrets={
            f"{_SECRET}key": _LEAF.key_pem(),
            f"{_SECRET}other-key": json.dumps({"privateKey": _OTHER.key_pem()}),
            f"{_SECRET}bundle": _LEAF.pkcs12(_PASSPHRASE),
            f"{_SECRET}passphrase": _PASSPHRASE,
            f"{_SECRET}empty": "",
        },
        parameters={
            "/tls/key": _LEAF.key_pem(),
            "/tls/certificate": _LEAF.fullchain_pem(root=True),
        },
        objects={
            "bucket/certificate.pem": _LEAF.pem.encode(),
            "bucket/chain.pem": _ROOT.pem.encode(),
        },
    )


def _declarations() -> Iterator[dict[str, Any]]:
    text = {"Text": _LEAF.fullchain_pem(root=True)}
    key = {"SecretArn": f"{_SECRET}key"}
    tags = [{"Key": "Team", "Value": "edge"}, {"Key": "team", "Value": "core"}]
    yield {"Certificate": text, "PrivateKey": key, "NamePrefix": "web"}
    yield {
        "Certificate": {"Text": _OTHER.fullchain_pem(root=True)},
        "PrivateKey": {"SecretArn": f"{_SECRET}other-key", "JsonField": "privateKey"},
        "ServerCertificateName": "www",
        "Path": "/cloudfront/www/",
        "Tags": tags,
        "PropagationSeconds": "0",
        "Acknowledge": ["expires-soon"],
        "Retain": "false",
        "Adopt": "false",
    }
    yield {
        "Bundle": {"SecretArn": f"{_SECRET}bundle", "VersionStage": "AWSCURRENT"},
        "Passphrase": {"SecretArn": f"{_SECRET}passphrase"},
        "ServerCertificateName": "www",
    }
    yield {
        "Certificate": {"BucketName": "bucket", "ObjectKey": "certificate.pem"},
        "CertificateChain": {"BucketName": "bucket", "ObjectKey": "chain.pem"},
        "PrivateKey": {"ParameterName": "/tls/key"},
        "ServerCertificateName": "www",
        "Adopt": "true",
    }


def _seeds(trial: Trial) -> Iterator[tuple[Event, dict[str, Any]]]:
    """Yield real events, each with the certificates that IAM holds before it."""
    declarations = list(_declarations())
    for number, properties in enumerate(declarations):
        account = _account()
        create = _event("Create", ResourceProperties=properties)
        yield create, {}
        trial.try_out(create, account)
        certificates = dict(account.certificates._by_name)  # noqa: SLF001 (all that there are)
        ids = [held.certificate_id for held in certificates.values()]
        physical_id = ids[0] if ids else f"not-created-{create['RequestId']}"
        other = declarations[number - 1]
        yield create, certificates
        yield (
            _event(
                "Update",
                PhysicalResourceId=physical_id,
                ResourceProperties=other,
                OldResourceProperties=properties,
            ),
            certificates,
        )
        delete = {"PhysicalResourceId": physical_id, "ResourceProperties": properties}
        yield _event("Delete", **delete), certificates


def _event(request_type: str, **fields: Any) -> Event:  # noqa: ANN401 (JSON)
    return new_event(request_type, stack_id=_STACK_ID, logical_id=_LOGICAL_ID, fields=fields)


def main() -> int:
    """Search; the exit code tells whether all held."""
    return search_from_command_line(
        "dev.fuzzing.events",
        "Search for an event that the function does not answer.",
        lambda number, seed: search(number, seed).tallies,
    )


if __name__ == "__main__":
    sys.exit(main())
