"""What uses certificates: load balancers and distributions, as far as they can be read."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

    from dev.certificates.authority import Issued
    from support.command import Ended
    from support.command_account import CommandAccount

PREFIX = "arn:aws:elasticloadbalancing:eu-central-1:111122223333:"
LISTENER = f"{PREFIX}listener/app/lb/50dc6c495c0c9188/0a1b"
CLASSIC = f"{PREFIX}loadbalancer/classic"
DISTRIBUTION = "arn:aws:cloudfront::111122223333:distribution/E1"


def used(done: Ended) -> list[str] | None:
    """Return the consumers of the only certificate."""
    (item,) = done.json["certificates"]
    consumers: list[str] | None = item["consumers"]
    return consumers


@pytest.mark.parametrize("words", [("list",), ("show", "www")], ids=" ".join)
def test_every_kind(
    words: tuple[str, ...], account: CommandAccount, leaf: Issued, run: Callable[..., Ended]
) -> None:
    """Load balancers name the ARN of a certificate, and distributions its id."""
    stored = account.hold("www", leaf)
    account.used_by |= {
        LISTENER: ["arn:of:another", stored.arn],
        CLASSIC: [stored.arn],
        DISTRIBUTION: [stored.certificate_id],
        f"{DISTRIBUTION}2": ["ASCAANOTHER"],
    }
    assert sorted(used(run(*words, "--consumers", "--json")) or ()) == [
        DISTRIBUTION,
        LISTENER,
        CLASSIC,
    ]
    assert used(run(*words, "--json")) is None


@pytest.mark.parametrize(
    ("service", "words"),
    [
        ("cloudfront", "CloudFront distributions can't be read. AWS denied"),
        ("elbv2", "Load balancers in eu-central-1 can't be read. AWS denied"),
        ("elb", "Classic Load Balancers in eu-central-1 can't be read. AWS denied"),
    ],
)
def test_denied(
    service: str, words: str, account: CommandAccount, leaf: Issued, run: Callable[..., Ended]
) -> None:
    """What can't be read is reported, the rest is found, and the exit code is 0."""
    stored = account.hold("www", leaf)
    account.used_by |= {
        LISTENER: [stored.arn],
        CLASSIC: [stored.arn],
        DISTRIBUTION: [stored.certificate_id],
    }
    account.consumers_denied.add(service)
    done = run("list", "--consumers", "--json")
    assert done.code == 0
    assert done.err.startswith(words)
    assert len(used(done) or ()) == 2


def test_regions(account: CommandAccount, leaf: Issued, run: Callable[..., Ended]) -> None:
    """--consumer-region replaces the configured Region, and can be repeated."""
    account.hold("www", leaf)
    regions = ("--consumer-region", "us-west-2", "--consumer-region", "us-gov-west-1")
    assert run("list", "--consumers", *regions).code == 0
    assert account.regions["elbv2"] == account.regions["elb"] == "us-gov-west-1"
    assert account.calls.count("elb") == 2


def test_no_region(
    monkeypatch: pytest.MonkeyPatch,
    account: CommandAccount,
    leaf: Issued,
    run: Callable[..., Ended],
) -> None:
    """Without a Region, load balancers aren't read, which is reported, and distributions are."""
    monkeypatch.delenv("AWS_REGION")
    monkeypatch.delenv("AWS_DEFAULT_REGION")
    stored = account.hold("www", leaf)
    account.used_by[DISTRIBUTION] = [stored.certificate_id]
    done = run("list", "--consumers", "--json")
    assert "no AWS Region is configured. Add --consumer-region." in done.err
    assert used(done) == [DISTRIBUTION]


@pytest.mark.parametrize("words", [("list",), ("show", "www")], ids=" ".join)
@pytest.mark.parametrize(
    ("options", "problem"),
    [
        (("--consumer-region", "eu-central-1"), "has no effect without --consumers"),
        (("--consumers", "--consumer-region", ""), "is not an AWS Region"),
        (("--consumers", "--consumer-region", LISTENER), "is not an AWS Region"),
    ],
    ids=["alone", "empty", "ARN"],
)
def test_bad_input(
    words: tuple[str, ...],
    options: tuple[str, ...],
    problem: str,
    account: CommandAccount,
    run: Callable[..., Ended],
) -> None:
    """A Region without --consumers and what is not a Region are usage errors without a request."""
    done = run(*words, *options)
    assert done.code == 2
    assert problem in done.err
    assert account.calls == []
