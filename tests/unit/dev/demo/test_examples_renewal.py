"""What ``make examples`` waits for where a certificate renews itself."""

from __future__ import annotations

from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

from dev.demo.examples import renewal
from dev.demo.examples.observer import SeenStack
from dev.demo.examples.scenarios import EXAMPLES
from dev.demo.facts import StoredCertificate

if TYPE_CHECKING:
    from collections.abc import Iterable

    import pytest

(EXAMPLE,) = (each for each in EXAMPLES if each.renews_itself)


def seen(certificate_id: str) -> tuple[SeenStack, ...]:
    """Return the example's stack with a certificate."""
    stored = StoredCertificate(
        certificate_id=certificate_id,
        name="www",
        path="/",
        arn="arn:aws:iam::111122223333:server-certificate/www",
        certificate_der=b"",
        chain_der=(),
        tags={},
    )
    (place,) = EXAMPLE.stacks
    return (SeenStack(place=place, construct_id="Certificate", certificate=stored, served=()),)


def waited(
    monkeypatch: pytest.MonkeyPatch, statuses: Iterable[str], certificates: Iterable[str]
) -> int:
    """Return the exit code for what is observed, one after the other."""
    monkeypatch.setattr(renewal, "_PAUSE_SECONDS", 0)
    left, found = list(statuses), [seen(each) for each in certificates]

    def describe(**_: str) -> dict[str, Any]:
        return {"Stacks": [{"StackStatus": left.pop(0) if len(left) > 1 else left[0]}]}

    client = SimpleNamespace(describe_stacks=describe)
    cloud: Any = SimpleNamespace(client=lambda *_, **__: client)
    observer: Any = SimpleNamespace(stacks=lambda _: found.pop(0) if len(found) > 1 else found[0])
    return renewal.renewed(EXAMPLE, seen("ASCAOLD"), cloud, observer).exit_code


def test_waits_for_another_certificate_and_for_the_clean_up(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """An update in progress and the old certificate are waited for."""
    statuses = ("UPDATE_COMPLETE", "UPDATE_COMPLETE_CLEANUP_IN_PROGRESS", "UPDATE_COMPLETE")
    assert waited(monkeypatch, statuses, ("ASCAOLD", "ASCANEW")) == 0


def test_gives_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same certificate after the longest time is a failure."""
    monkeypatch.setattr(renewal, "LONGEST_SECONDS", 0.0)
    assert waited(monkeypatch, ("UPDATE_COMPLETE",), ("ASCAOLD",)) == 1
    assert waited(monkeypatch, ("UPDATE_ROLLBACK_COMPLETE",), ("ASCANEW",)) == 1
