"""``server-certificate show``: one certificate by name, id or ARN."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from dev.certificates.authority import NOW, Authority, Issued, self_signed
from local_cloud.iam.tags import Tag
from server_certificate.contract.ownership import LOGICAL_ID_TAG, STACK_ID_TAG
from support.findings import codes

if TYPE_CHECKING:
    from collections.abc import Callable

    from support.command import Ended
    from support.command_account import CommandAccount

STACK = "arn:aws:cloudformation:eu-central-1:111122223333:stack/web/0a1b2c3d"
OWNED = (
    Tag(LOGICAL_ID_TAG, "Certificate1A2B"),
    Tag(STACK_ID_TAG, STACK),
    Tag("team", "edge"),
)
DENIED = (
    403,
    "AccessDenied",
    (
        "User: arn:aws:iam::111122223333:user/me is not authorized to perform:"
        " iam:GetServerCertificate on resource:"
        " arn:aws:iam::111122223333:server-certificate/www with an explicit deny in a"
        " service control policy"
    ),
)


def shown(done: Ended) -> Any:  # noqa: ANN401 - JSON
    """Return the only certificate of the JSON output."""
    (certificate,) = done.json["certificates"]
    return certificate


def test_own(account: CommandAccount, leaf: Issued, run: Callable[..., Ended]) -> None:
    """The output contains the metadata, the owner, the tags and the chain."""
    stored = account.hold("www", leaf, path="/edge/", tags=OWNED)

    done = run("show", "www")

    assert (done.code, done.err) == (0, "")
    for fact in (
        "/edge/",
        stored.certificate_id,
        "arn:aws:iam::111122223333:server-certificate/edge/www",
        "2030-06-15T12:00:00Z",
        "stack web, resource Certificate1A2B",
        "team = edge",
        "IAM never returns private keys",
        "www.example.com",
        "signs www.example.com",
        "Example Root",
    ):
        assert fact in done.out
    assert "stack gone: its stack web was deleted" in done.out
    assert account.calls == ["GetServerCertificate", "ListStackResources"]


def test_foreign(account: CommandAccount, leaf: Issued, run: Callable[..., Ended]) -> None:
    """A certificate without ownership tags has no owner."""
    account.hold("www", leaf)
    assert "none (no ownership tags)" in run("show", "www").out


@pytest.mark.parametrize("what", ["name", "certificate_id", "arn"])
def test_named_in_three_ways(
    what: str, account: CommandAccount, leaf: Issued, run: Callable[..., Ended]
) -> None:
    """Name, ServerCertificateId and ARN find the same certificate."""
    stored = account.hold("www", leaf, path="/edge/www/")
    account.hold("other", leaf)
    assert shown(run("show", getattr(stored, what), "--json"))["id"] == stored.certificate_id


def test_name_that_looks_like_an_id(
    account: CommandAccount, leaf: Issued, run: Callable[..., Ended]
) -> None:
    """A certificate whose name looks like an id is found by its name."""
    account.hold("ASCA" + "A" * 17, leaf)
    assert shown(run("show", "ASCA" + "A" * 17, "--json"))["name"] == "ASCA" + "A" * 17


def test_object_for_machines(
    account: CommandAccount, leaf: Issued, run: Callable[..., Ended]
) -> None:
    """JSON contains the metadata, the owner, and the assessment in the format of check."""
    stored = account.hold("www", leaf, tags=OWNED)

    done = run("show", "www", "--json")

    assert done.json["schema_version"] == 1
    item = shown(done)
    assessment = item.pop("assessment")
    assert item == {
        "name": "www",
        "path": "/",
        "id": stored.certificate_id,
        "arn": "arn:aws:iam::111122223333:server-certificate/www",
        "upload_date": "2030-06-15T12:00:00Z",
        "expiration": leaf.certificate.not_valid_after_utc.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "days_left": (leaf.certificate.not_valid_after_utc - NOW).days,
        "tags": {tag.key: tag.value for tag in OWNED},
        "domains": ["www.example.com"],
        "state": "stack-gone",
        "reason": "its stack web was deleted",
        "adopted": False,
        "retained": False,
        "owner": {"stack_id": STACK, "stack_name": "web", "logical_id": "Certificate1A2B"},
        "secret": None,
        "consumers": None,
    }
    assert assessment["accepted_as_is"] is True
    assert assessment["certificate"]["subject"] == "CN=www.example.com"
    assert len(assessment["chain"]) == 1
    assert assessment["private_key"] is None


def test_pem(account: CommandAccount, leaf: Issued, run: Callable[..., Ended]) -> None:
    """--pem prints only the leaf and its chain."""
    account.hold("www", leaf)
    done = run("show", "www", "--pem")
    assert (done.code, done.err) == (0, "")
    assert done.out == leaf.pem + leaf.chain_pem(root=False)


def test_pem_without_chain(account: CommandAccount, run: Callable[..., Ended]) -> None:
    """--pem prints a self-signed certificate without a chain."""
    alone = self_signed()
    account.hold("www", alone)
    assert run("show", "www", "--pem").out == alone.pem


def test_either_pem_or_json(account: CommandAccount, run: Callable[..., Ended]) -> None:
    """--pem and --json can't be combined."""
    done = run("show", "www", "--pem", "--json")
    assert done.code == 2
    assert "can't be combined" in done.err
    assert account.calls == []


def test_findings_change_no_exit_code(
    account: CommandAccount, leaf: Issued, run: Callable[..., Ended]
) -> None:
    """Findings are shown, but don't change the exit code."""
    account.hold("www", leaf)
    done = run("show", "www", at="2031-01-01T00:00:00Z")
    assert done.code == 0
    assert "error certificate-expired" in done.out
    assert ", expired" in done.out
    assert "Findings: 1 error" in done.out


def test_for_a_consumer(account: CommandAccount, leaf: Issued, run: Callable[..., Ended]) -> None:
    """--for checks the rules of a consumer with the certificate's path; --ignore accepts a finding."""
    account.hold("www", leaf)
    findings = shown(run("show", "www", "--for", "cloudfront", "--json"))["assessment"]["findings"]
    assert ("cloudfront-path", "error") in [(f["code"], f["severity"]) for f in findings]
    account.certificates.update("www", new_path="/cloudfront/www/")
    findings = shown(run("show", "www", "--for", "cloudfront", "--json"))["assessment"]["findings"]
    assert "cloudfront-path" not in [finding["code"] for finding in findings]


def test_ignored(account: CommandAccount, authority: Authority, run: Callable[..., Ended]) -> None:
    """--ignore accepts a finding."""
    account.hold("www", authority.leaf())
    words = ("show", "www", "--json", "--ignore", "expires-soon", "--expiry-days", "3650")
    (finding,) = shown(run(*words))["assessment"]["findings"]
    assert (finding["code"], finding["severity"]) == ("expires-soon", "info")


def test_content_that_cannot_be_read(
    account: CommandAccount, leaf: Issued, run: Callable[..., Ended]
) -> None:
    """A stored certificate that can't be parsed is still shown."""
    stored = account.hold("www", leaf)
    account.certificates._by_name["www"] = replace(
        stored, material=replace(stored.material, body="nonsense", chain=None)
    )
    done = run("show", "www")
    assert done.code == 0
    assert "No certificate could be read." in done.out
    assert run("show", "www", "--pem").out == "nonsense\n"


def test_control_characters(
    account: CommandAccount, leaf: Issued, run: Callable[..., Ended]
) -> None:
    """The values of tags can't contain control characters for the terminal."""
    account.hold("www", leaf, tags=(Tag("note", "a\u2028b"),))
    assert "note = a\\u2028b" in run("show", "www").out


def test_missing(account: CommandAccount, leaf: Issued, run: Callable[..., Ended]) -> None:
    """An unknown name is an error that suggests similar names."""
    account.hold("www-Example", leaf)
    account.hold("www-example-2", leaf)
    account.hold("unrelated", leaf)
    done = run("show", "WWW-example")
    assert (done.code, done.out) == (1, "")
    assert done.err == (
        "Error: There is no server certificate 'WWW-example' in this account. Did you mean"
        " 'www-Example' or 'www-example-2'? To list all certificates, run: server-certificate list\n"
    )


@pytest.mark.parametrize(
    "wanted",
    [
        "www",
        "ASCAAAAAAAAAAAAAAAAAA",
        "arn:aws:iam::111122223333:server-certificate/edge/www",
    ],
)
def test_missing_and_nothing_alike(
    wanted: str, account: CommandAccount, run: Callable[..., Ended]
) -> None:
    """Without similar names, there is no suggestion."""
    done = run("show", wanted)
    assert done.code == 1
    assert "There is no server certificate" in done.err
    assert "mean" not in done.err
    assert account.calls


def test_missing_where_the_list_is_denied(
    account: CommandAccount, leaf: Issued, run: Callable[..., Ended]
) -> None:
    """If the list can't be read, there is no suggestion."""
    account.hold("www-1", leaf)
    account.refuse["ListServerCertificates"] = [DENIED]
    done = run("show", "www-2")
    assert done.code == 1
    assert done.err.startswith("Error: There is no server certificate 'www-2' in this account. To")


def test_arn_of_another_path(
    account: CommandAccount, leaf: Issued, run: Callable[..., Ended]
) -> None:
    """An ARN with another path is another certificate."""
    account.hold("www", leaf)
    done = run("show", "arn:aws:iam::111122223333:server-certificate/edge/www")
    assert done.code == 1
    assert (
        "The certificate named 'www' has the ARN arn:aws:iam::111122223333:server-certificate/www."
        in done.err
    )


@pytest.mark.parametrize(
    "wanted", ["a name", "", "arn:aws:acm:eu-central-1:111122223333:certificate/1", "x" * 129]
)
def test_what_can_be_no_name(
    wanted: str, account: CommandAccount, run: Callable[..., Ended]
) -> None:
    """An invalid name, id or ARN is a usage error without a request."""
    done = run("show", wanted)
    assert done.code == 2
    assert done.err.startswith("Error: ")
    assert account.calls == []


def test_denied(account: CommandAccount, leaf: Issued, run: Callable[..., Ended]) -> None:
    """The error names the action, the ARN, the user and the reason, and mentions a possibly missing name."""
    account.hold("www", leaf)
    account.refuse["GetServerCertificate"] = [DENIED]
    done = run("show", "www")
    assert (done.code, done.out) == (1, "")
    assert done.err == (
        "Error: AWS denied iam:GetServerCertificate on"
        " arn:aws:iam::111122223333:server-certificate/www to arn:aws:iam::111122223333:user/me"
        " with an explicit deny in a service control policy. Request permission, or use other"
        " credentials. If the policy is limited to paths, IAM gives the same answer for a certificate that does not exist.\n"
    )


def test_gone_between_list_and_get(
    account: CommandAccount, leaf: Issued, run: Callable[..., Ended]
) -> None:
    """A certificate that is deleted during the command is missing."""
    stored = account.hold("www", leaf)
    account.afterwards["ListServerCertificates"] = lambda: account.certificates.delete("www")
    done = run("show", stored.certificate_id)
    assert done.code == 1
    assert f"There is no server certificate '{stored.certificate_id}'" in done.err


def test_stored_is_judged_as_it_is(account: CommandAccount, leaf: Issued) -> None:
    """IAM returns the certificate unchanged, except for the final line break."""
    from server_certificate.assessment import Criteria, Given, assess  # noqa: PLC0415
    from server_certificate.inputs import Input  # noqa: PLC0415

    stored = account.hold("www", leaf).material
    given = Given(certificate=Input.of_text(stored.body), chain=Input.of_text(stored.chain or ""))
    assert codes(assess(given, Criteria(at=NOW)).findings) == []
