"""``server-certificate list``: all certificates, sorted by expiry date."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from dev.certificates.authority import DAY, NOW, Authority, Issued
from local_cloud.iam.tags import Tag
from server_certificate.contract.ownership import LOGICAL_ID_TAG, STACK_ID_TAG
from server_certificate_cli.aws.certificates import CertificateSummary, Owners
from server_certificate_cli.aws.listing import draw_listing

if TYPE_CHECKING:
    from collections.abc import Callable

    from support.command import Ended
    from support.command_account import CommandAccount

STACK = "arn:aws:cloudformation:eu-central-1:111122223333:stack/web/0a1b2c3d"
OWNED = (Tag(LOGICAL_ID_TAG, "Certificate1A2B"), Tag(STACK_ID_TAG, STACK))
DENIED = (
    403,
    "AccessDenied",
    (
        "User: arn:aws:iam::111122223333:user/me is not authorized to perform:"
        " iam:ListServerCertificateTags on resource: arn:aws:iam::111122223333:server-certificate/a"
        " because no identity-based policy allows the iam:ListServerCertificateTags action"
    ),
)
THROTTLED = (400, "Throttling", "Rate exceeded")


def test_nothing_there(account: CommandAccount, run: Callable[..., Ended]) -> None:
    """An empty account results in a message and success."""
    done = run("list")
    assert done.code == 0
    assert done.out == (
        "There are no server certificates in this account.\nQuota: 0 of 20 used in this account.\n"
    )
    assert "ListServerCertificateTags" not in account.calls


def test_nothing_there_for_machines(account: CommandAccount, run: Callable[..., Ended]) -> None:
    """In JSON, an empty account is an empty list, and the quota is not requested."""
    assert run("list", "--json").json == []
    assert account.calls == ["ListServerCertificates"]


def test_soonest_first(
    account: CommandAccount, authority: Authority, run: Callable[..., Ended]
) -> None:
    """The certificate that expires first is first, and its state is shown by a word, not only by color."""
    account.hold("fine", authority.leaf(not_after=NOW + 30 * DAY))
    account.hold("soon", authority.leaf(not_after=NOW + 30 * DAY - DAY / 24), path="/edge/")
    account.hold("last", authority.leaf(not_after=NOW + DAY))

    done = run("list", at="2030-06-17T12:00:00Z")

    lines = [line.split() for line in done.out.splitlines()[1:4]]
    assert [line[0] for line in lines] == ["last", "soon", "fine"]
    assert lines[0][4:6] == ["-1", "expired"]
    assert lines[1][1] == "/edge/"
    assert lines[1][4:6] == ["27", "soon"]
    assert lines[2][4:6] == ["28", "soon"]
    assert "3 server certificates." in done.out


@pytest.mark.parametrize(("days", "state"), [("30", "30"), ("31", "30 soon")])
def test_soon_is_what_the_user_says(
    days: str, state: str, account: CommandAccount, authority: Authority, run: Callable[..., Ended]
) -> None:
    """--expiry-days sets the limit, which itself is not included."""
    account.hold("www", authority.leaf(not_after=NOW + 30 * DAY))
    line = run("list", "--expiry-days", days).out.splitlines()[1]
    assert re.split(" {2,}", line)[4] == state


def test_all_pages(account: CommandAccount, leaf: Issued, run: Callable[..., Ended]) -> None:
    """All pages of the list are read."""
    account.certificates.quota = 250
    for number in range(250):
        account.hold(f"certificate-{number:03}", leaf)

    listed = run("list", "--json").json

    assert [item["name"] for item in listed] == [f"certificate-{n:03}" for n in range(250)]
    assert account.calls.count("ListServerCertificates") == 3
    assert account.calls.count("ListServerCertificateTags") == 250


def test_objects_for_machines(
    account: CommandAccount, leaf: Issued, run: Callable[..., Ended]
) -> None:
    """JSON contains all metadata and the parts of the owner."""
    owned = account.hold("www", leaf, path="/edge/", tags=OWNED)
    assert run("list", "--json").json == [
        {
            "name": "www",
            "path": "/edge/",
            "id": owned.certificate_id,
            "arn": "arn:aws:iam::111122223333:server-certificate/edge/www",
            "upload_date": "2030-06-15T12:00:00Z",
            "expiration": leaf.certificate.not_valid_after_utc.strftime("%Y-%m-%dT%H:%M:%SZ"),
            "days_left": (leaf.certificate.not_valid_after_utc - NOW).days,
            "owner": {"stack_id": STACK, "stack_name": "web", "logical_id": "Certificate1A2B"},
            "owner_known": True,
        }
    ]


def test_owner(account: CommandAccount, leaf: Issued, run: Callable[..., Ended]) -> None:
    """The last column contains the stack and the resource, or a hyphen."""
    account.hold("ours", leaf, tags=OWNED)
    account.hold("theirs", leaf, tags=(Tag("team", "edge"),))
    first, second = run("list").out.splitlines()[1:3]
    assert first.endswith("  web/Certificate1A2B")
    assert second.endswith("  -")


@pytest.mark.parametrize(
    ("stack", "shown"), [("arn:nothing", "arn:nothing/Certificate1A2B"), ("", "-")]
)
def test_owner_that_is_no_stack(
    stack: str, shown: str, account: CommandAccount, leaf: Issued, run: Callable[..., Ended]
) -> None:
    """An invalid tag is shown unchanged, and an empty tag names no owner."""
    account.hold(
        "www", leaf, tags=(Tag(LOGICAL_ID_TAG, "Certificate1A2B"), Tag(STACK_ID_TAG, stack))
    )
    assert run("list").out.splitlines()[1].endswith(f"  {shown}")


def test_tags_denied(account: CommandAccount, leaf: Issued, run: Callable[..., Ended]) -> None:
    """If tags can't be read, the owner is unknown, which is a note and not an error."""
    account.hold("a", leaf, tags=OWNED)
    account.hold("b", leaf, tags=OWNED)
    account.refuse["ListServerCertificateTags"] = [DENIED]

    done = run("list")

    assert done.code == 0
    assert sorted(line.split()[-1] for line in done.out.splitlines()[1:3]) == [
        "unknown",
        "web/Certificate1A2B",
    ]
    assert done.err.count("\n") == 1
    assert "iam:ListServerCertificateTags" in done.err


def test_tags_denied_for_machines(
    account: CommandAccount, leaf: Issued, run: Callable[..., Ended]
) -> None:
    """JSON distinguishes an unknown owner from no owner."""
    account.hold("a", leaf)
    account.refuse["ListServerCertificateTags"] = [DENIED]
    (item,) = run("list", "--json").json
    assert (item["owner"], item["owner_known"]) == (None, False)


def test_tags_throttled(account: CommandAccount, leaf: Issued, run: Callable[..., Ended]) -> None:
    """If IAM throttles the requests for tags, they stop soon, and the list is still shown."""
    for number in range(20):
        account.hold(f"certificate-{number}", leaf)
    account.refuse["ListServerCertificateTags"] = [THROTTLED] * 1000

    done = run("list")

    assert done.code == 0
    assert done.out.count("unknown") == 20
    assert "Rate exceeded" in done.err
    assert account.calls.count("ListServerCertificateTags") <= 4 * 3


def test_vanished_meanwhile(
    account: CommandAccount, leaf: Issued, run: Callable[..., Ended]
) -> None:
    """A certificate that is deleted during the command has an unknown owner, without a note."""
    account.hold("www", leaf)
    account.afterwards["ListServerCertificates"] = lambda: account.certificates.delete("www")
    done = run("list")
    assert done.out.splitlines()[1].endswith("unknown")
    assert (done.code, done.err) == (0, "")


def test_quota_denied(account: CommandAccount, run: Callable[..., Ended]) -> None:
    """If the quota can't be read, it is not shown."""
    account.refuse["GetAccountSummary"] = [DENIED]
    done = run("list")
    assert (done.code, done.err) == (0, "")
    assert done.out == "There are no server certificates in this account.\n"


def test_path_prefix(account: CommandAccount, leaf: Issued, run: Callable[..., Ended]) -> None:
    """A path prefix doesn't need a final slash, and an empty result names it."""
    account.hold("www", leaf, path="/cloudfront/www/")
    account.hold("edge", leaf)
    assert [item["name"] for item in run("list", "--json", "--path-prefix", "/cloud").json] == [
        "www"
    ]
    assert "with the path prefix '/none'" in run("list", "--path-prefix", "/none").out
    assert "1 server certificate with the path prefix '/cloud'." in (
        run("list", "--path-prefix", "/cloud").out
    )


@pytest.mark.parametrize(
    ("prefix", "hint"),
    [
        ("cloudfront", "Did you mean '/cloudfront'?"),
        ("", "Did you mean '/'?"),
        ("/with space", ""),
        ("/ä", ""),
        ("/" + "x" * 512, ""),
    ],
)
def test_path_prefix_of_no_path(
    prefix: str, hint: str, account: CommandAccount, run: Callable[..., Ended]
) -> None:
    """An invalid path prefix is a usage error without a request."""
    done = run("list", "--path-prefix", prefix)
    assert done.code == 2
    assert "is not a valid path prefix" in done.err
    assert hint in done.err
    assert account.calls == []


def test_longest_path_prefix(account: CommandAccount, run: Callable[..., Ended]) -> None:
    """The longest path prefix that IAM accepts is valid."""
    assert run("list", "--path-prefix", "/" + "x" * 511).code == 0
    assert "ListServerCertificates" in account.calls


def test_no_region(
    monkeypatch: pytest.MonkeyPatch, account: CommandAccount, run: Callable[..., Ended]
) -> None:
    """IAM doesn't require a configured Region."""
    monkeypatch.delenv("AWS_REGION")
    monkeypatch.delenv("AWS_DEFAULT_REGION")
    assert run("list").code == 0
    assert account.regions["iam"] == "aws-global"


def test_region_of_another_partition(account: CommandAccount, run: Callable[..., Ended]) -> None:
    """The Region selects the partition of IAM."""
    run("list", "--region", "cn-north-1")
    assert account.regions["iam"] == "aws-cn-global"


def test_dates_that_iam_does_not_say(
    capsys: pytest.CaptureFixture[str], account: CommandAccount
) -> None:
    """Both dates are optional, and missing dates are unknown."""
    listed = CertificateSummary.of(
        {
            "ServerCertificateName": "www",
            "Path": "/",
            "ServerCertificateId": "ASCA" + "A" * 17,
            "Arn": "arn:aws:iam::111122223333:server-certificate/www",
        }
    )
    draw_listing([listed], Owners(), None, path_prefix=None, at=NOW, expiry_days=30)
    line = capsys.readouterr().out.splitlines()[1]
    assert re.split(" {2,}", line)[3:] == ["unknown"] * 4
    assert listed.as_json(NOW)["expiration"] is None
    assert listed.as_json(NOW)["days_left"] is None
    assert account.calls == []
