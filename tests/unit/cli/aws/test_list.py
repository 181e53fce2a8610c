"""``server-certificate list``: all certificates, sorted by expiry date."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest

from dev.certificates.authority import DAY, NOW, Authority, Issued
from local_cloud.iam.tags import Tag
from server_certificate.contract.ownership import LOGICAL_ID_TAG, STACK_ID_TAG
from server_certificate_cli.aws.certificates import CertificateSummary
from server_certificate_cli.aws.inventory import Entry
from server_certificate_cli.aws.listing import draw_listing
from server_certificate_cli.aws.ownership import UNREADABLE

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
        " iam:GetServerCertificate on resource: arn:aws:iam::111122223333:server-certificate/a"
        " because no identity-based policy allows the iam:GetServerCertificate action"
    ),
)
THROTTLED = (400, "Throttling", "Rate exceeded")


def items(done: Ended) -> Any:  # noqa: ANN401 - JSON
    """Return the certificates of the JSON output."""
    assert done.json["schema_version"] == 1
    return done.json["certificates"]


def cells(line: str) -> list[str]:
    """Return the cells of a row of the table."""
    return re.split(" {2,}", line)


def test_nothing_there(account: CommandAccount, run: Callable[..., Ended]) -> None:
    """An empty account results in a message and success."""
    done = run("list")
    assert done.code == 0
    assert done.out == (
        "There are no server certificates in this account.\nQuota: 0 of 20 used in this account.\n"
    )
    assert "GetServerCertificate" not in account.calls


def test_nothing_there_for_machines(account: CommandAccount, run: Callable[..., Ended]) -> None:
    """In JSON, an empty account is an empty list, and the quota is not requested."""
    assert items(run("list", "--json")) == []
    assert account.calls == ["ListServerCertificates"]


def test_soonest_first(
    account: CommandAccount, authority: Authority, run: Callable[..., Ended]
) -> None:
    """The certificate that expires first is first, and its state is shown by a word, not only by color."""
    account.hold("fine", authority.leaf(not_after=NOW + 32 * DAY))
    account.hold("soon", authority.leaf(not_after=NOW + 32 * DAY - DAY / 24), path="/edge/")
    account.hold("last", authority.leaf(not_after=NOW + DAY))

    done = run("list", at="2030-06-17T12:00:00Z")

    lines = [cells(line) for line in done.out.splitlines()[1:4]]
    assert [line[0] for line in lines] == ["last", "soon", "fine"]
    assert [line[2] for line in lines] == [
        "expired 1 day ago",
        "29 days left, soon",
        "30 days left",
    ]
    assert lines[1][6] == "/edge/"
    assert "3 server certificates." in done.out


@pytest.mark.parametrize(("days", "state"), [("30", "30 days left"), ("31", "30 days left, soon")])
def test_soon_is_what_the_user_says(
    days: str, state: str, account: CommandAccount, authority: Authority, run: Callable[..., Ended]
) -> None:
    """--expiry-days sets the limit, which itself is not included."""
    account.hold("www", authority.leaf(not_after=NOW + 30 * DAY))
    line = run("list", "--expiry-days", days).out.splitlines()[1]
    assert cells(line)[2] == state


def test_all_pages(account: CommandAccount, leaf: Issued, run: Callable[..., Ended]) -> None:
    """All pages of the list are read."""
    account.certificates.quota = 250
    for number in range(250):
        account.hold(f"certificate-{number:03}", leaf)
    account.refuse["GetServerCertificate"] = [THROTTLED] * 100

    listed = items(run("list", "--json"))

    assert [item["name"] for item in listed] == [f"certificate-{n:03}" for n in range(250)]
    assert account.calls.count("ListServerCertificates") == 3


def test_objects_for_machines(
    account: CommandAccount, leaf: Issued, run: Callable[..., Ended]
) -> None:
    """JSON contains all metadata, the domains, the state, and the parts of the owner."""
    owned = account.hold("www", leaf, path="/edge/", tags=OWNED)
    assert items(run("list", "--json")) == [
        {
            "name": "www",
            "path": "/edge/",
            "id": owned.certificate_id,
            "arn": "arn:aws:iam::111122223333:server-certificate/edge/www",
            "upload_date": "2030-06-15T12:00:00Z",
            "expiration": leaf.certificate.not_valid_after_utc.strftime("%Y-%m-%dT%H:%M:%SZ"),
            "days_left": (leaf.certificate.not_valid_after_utc - NOW).days,
            "domains": ["www.example.com"],
            "state": "stack-gone",
            "reason": "its stack web was deleted",
            "adopted": False,
            "retained": False,
            "owner": {"stack_id": STACK, "stack_name": "web", "logical_id": "Certificate1A2B"},
            "secret": None,
            "consumers": None,
        }
    ]


@pytest.mark.parametrize(
    ("stack", "state", "owner"),
    [
        ("arn:nothing", "unknown", "arn:nothing/Certificate1A2B"),
        (STACK.replace("1111", "9999"), "unknown", "web/Certificate1A2B"),
        (STACK, "stack gone", "web/Certificate1A2B"),
        ("", "-", "-"),
    ],
)
def test_owner(
    stack: str,
    state: str,
    owner: str,
    account: CommandAccount,
    leaf: Issued,
    run: Callable[..., Ended],
) -> None:
    """The columns have the state and the owner; a tag that names no stack of the account is unknown."""
    account.hold(
        "www", leaf, tags=(Tag(LOGICAL_ID_TAG, "Certificate1A2B"), Tag(STACK_ID_TAG, stack))
    )
    done = run("list")
    assert cells(done.out.splitlines()[1])[3:5] == [state, owner]
    assert ("is not the ARN of a stack in the certificate's account" in done.err) is (
        state == "unknown"
    )
    assert done.code == 0


def test_names_of_a_certificate(
    account: CommandAccount, authority: Authority, run: Callable[..., Ended]
) -> None:
    """The first domain is shown with the number of the others, and JSON contains all."""
    account.hold("www", authority.leaf("www.example.com", "example.com", "a.example.com"))
    assert cells(run("list").out.splitlines()[1])[1] == "www.example.com (+2)"
    assert items(run("list", "--json"))[0]["domains"] == [
        "www.example.com",
        "example.com",
        "a.example.com",
    ]


@pytest.mark.parametrize("status", ["", "UPDATE_IN_PROGRESS"])
def test_stack_that_can_not_be_read(
    status: str, account: CommandAccount, leaf: Issued, run: Callable[..., Ended]
) -> None:
    """Denied access makes the state unknown, with a note; an operation in progress makes it busy."""
    account.hold("a", leaf, tags=OWNED)
    account.stack_statuses[STACK] = status
    done = run("list")
    assert done.code == 0
    assert cells(done.out.splitlines()[1])[3] == ("stack busy" if status else "unknown")
    assert done.err.startswith("" if status else "The stack web can't be read: AWS denied")


def test_denied(account: CommandAccount, leaf: Issued, run: Callable[..., Ended]) -> None:
    """If a certificate can't be read, its state is unknown, which is a note and not an error."""
    account.hold("a", leaf, tags=OWNED)
    account.hold("b", leaf, tags=OWNED)
    account.refuse["GetServerCertificate"] = [DENIED]

    done = run("list")
    account.refuse["GetServerCertificate"] = [DENIED] * 2
    listed = items(run("list", "--json"))

    assert done.code == 0
    assert sorted(cells(line)[3] for line in done.out.splitlines()[1:3]) == [
        "stack gone",
        "unknown",
    ]
    assert done.err.count("\n") == 1
    assert "iam:GetServerCertificate" in done.err
    unknown = {"domains": None, "state": "unknown", "adopted": None, "owner": None}
    assert [{key: item[key] for key in unknown} for item in listed] == [unknown] * 2


def test_throttled(account: CommandAccount, leaf: Issued, run: Callable[..., Ended]) -> None:
    """If IAM throttles the requests, they stop soon, and the list is still shown."""
    for number in range(20):
        account.hold(f"certificate-{number}", leaf)
    account.refuse["GetServerCertificate"] = [THROTTLED] * 1000

    done = run("list")

    assert done.code == 0
    assert sum("unknown" in line for line in done.out.splitlines()) == 20
    assert "Rate exceeded" in done.err
    assert account.calls.count("GetServerCertificate") <= 4 * 3


def test_vanished_meanwhile(
    account: CommandAccount, leaf: Issued, run: Callable[..., Ended]
) -> None:
    """A certificate that is deleted during the command has an unknown state, without a note."""
    account.hold("www", leaf)
    account.afterwards["ListServerCertificates"] = lambda: account.certificates.delete("www")
    done = run("list")
    assert cells(done.out.splitlines()[1])[3] == "unknown"
    assert (done.code, done.err) == (0, "")


@pytest.mark.parametrize(("days", "code"), [("0", 0), ("29", 0), ("30", 1), ("400", 1)])
@pytest.mark.parametrize("as_json", [(), ("--json",)])
def test_fail_within(
    days: str,
    code: int,
    as_json: tuple[str, ...],
    account: CommandAccount,
    authority: Authority,
    run: Callable[..., Ended],
) -> None:
    """--fail-within exits with 1 if a certificate expires within the days, and names it."""
    account.hold("www", authority.leaf(not_after=NOW + 30 * DAY))
    account.hold("shop", authority.leaf(not_after=NOW + 500 * DAY))
    done = run("list", "--fail-within", days, *as_json)
    assert done.code == code
    assert done.err == (
        f"1 certificate has expired or expires within {days} days (--fail-within): www.\n"
        if code
        else ""
    )


@pytest.mark.parametrize("days", ["-1", "soon", "", "36501", "1.5"])
def test_fail_within_of_no_number(
    days: str, account: CommandAccount, run: Callable[..., Ended]
) -> None:
    """An invalid number of days is a usage error without a request."""
    done = run("list", "--fail-within", days)
    assert done.code == 2
    assert "--fail-within" in done.err
    assert account.calls == []


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
    assert [item["name"] for item in items(run("list", "--json", "--path-prefix", "/cloud"))] == [
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
    entry = Entry(listed=listed, details=None, ownership=UNREADABLE)
    draw_listing([entry], None, path_prefix=None, at=NOW, expiry_days=30)
    line = cells(capsys.readouterr().out.splitlines()[1])
    assert (line[1:4], line[-1]) == (["unknown"] * 3, "unknown")
    assert entry.as_json(NOW)["expiration"] is None
    assert entry.as_json(NOW)["days_left"] is None
    assert account.calls == []
