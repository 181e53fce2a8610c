"""The code that ``store`` prints works unchanged."""

from __future__ import annotations

from textwrap import indent
from typing import TYPE_CHECKING, Any

import pytest
from aws_cdk import App, Environment, Stack
from aws_cdk.assertions import Template

from dev.certificates.authority import DAY, NOW
from server_certificate_cli.aws.declaration import declaration
from support.command import write_parts

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from dev.certificates.authority import Authority
    from support.command import Ended
    from support.command_account import CommandAccount

ARN = "arn:aws:secretsmanager:eu-central-1:111122223333:secret:www-AbCdEf"
KEY_ARN = "arn:aws:kms:eu-central-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab"
VERSION = "00000000-0000-4000-8000-000000000000"


def synthesize(lines: str) -> dict[str, Any]:
    """Run code as the body of a stack, and return the template."""
    environment = Environment(account="111122223333", region="eu-central-1")
    stack = Stack(App(), "Web", env=environment)
    function = f"def build(self):\n{indent(lines, '    ')}\n"
    names: dict[str, Any] = {}
    exec(function, names)  # noqa: S102 - what the command printed
    names["build"](stack)
    return dict(Template.from_stack(stack).to_json())


def certificate_in(template: dict[str, Any]) -> dict[str, Any]:
    """Return the properties of the certificate."""
    (resource,) = (
        item
        for item in template["Resources"].values()
        if item["Type"] == "Custom::IamServerCertificate"
    )
    return dict(resource["Properties"])


def statements_in(template: dict[str, Any]) -> str:
    """Return all statements of the function's policy as text."""
    return str(
        [
            item["Properties"]["PolicyDocument"]["Statement"]
            for item in template["Resources"].values()
            if item["Type"] == "AWS::IAM::Policy"
        ]
    )


def test_printed_lines_declare_the_certificate(
    account: CommandAccount, folder: Path, run: Callable[..., Ended]
) -> None:
    """The printed code can be synthesized, and reads the stored version."""
    done = run("store", "--secret", "www", str(folder))
    lines = done.out[done.out.index("from aws_cdk") :]

    properties = certificate_in(synthesize(lines))

    (version,) = account.stored["www"].versions
    assert properties["Bundle"] == {
        "SecretArn": account.stored["www"].arn,
        "VersionId": version,
    }


def test_acknowledged_findings(
    account: CommandAccount, tmp_path: Path, authority: Authority, run: Callable[..., Ended]
) -> None:
    """The code acknowledges ignored findings that occurred, and no others."""
    leaf = authority.leaf(not_after=NOW + DAY)
    folder = write_parts(tmp_path / "soon", leaf, root=False)
    (folder / "certificate-chain.pem").unlink()
    words = ("--ignore", "chain-missing", "--ignore", "expires-soon", "--ignore", "weak-key")
    done = run("store", "--secret", "www", str(folder), *words)
    assert account.stored
    lines = done.out[done.out.index("from aws_cdk") :]
    assert 'acknowledge=["chain-missing", "expires-soon"],' in lines
    assert "chain-missing" in str(certificate_in(synthesize(lines)))


@pytest.mark.parametrize("key", [KEY_ARN, KEY_ARN.rpartition("/")[2]])
def test_key_of_ones_own(key: str) -> None:
    """The function can decrypt with a KMS key that is named by id or ARN."""
    lines = declaration(arn=ARN, version_id=VERSION, kms_key_id=key)
    statements = statements_in(synthesize(lines))
    assert "kms:Decrypt" in statements
    assert KEY_ARN in statements


@pytest.mark.parametrize(
    "alias",
    ["alias/certificates", "arn:aws:kms:eu-central-1:111122223333:alias/certificates"],
)
def test_alias(alias: str) -> None:
    """A key with an alias is looked up, because permissions on an alias have no effect."""
    lines = declaration(arn=ARN, version_id=VERSION, kms_key_id=alias)
    assert 'kms.Key.from_lookup(\n        self, "MaterialKey", alias_name="alias/cert' in lines
    assert "kms:Decrypt" in statements_in(synthesize(lines))


@pytest.mark.parametrize("key", [None, "alias/aws/secretsmanager"])
def test_key_of_aws(key: str | None) -> None:
    """The AWS managed key is not in the code."""
    lines = declaration(arn=ARN, version_id=VERSION, kms_key_id=key)
    assert "kms" not in lines


def test_key_of_a_secret_that_exists(
    account: CommandAccount, folder: Path, run: Callable[..., Ended]
) -> None:
    """For an existing secret, the KMS key comes from the secret."""
    account.secret("www", {}, kms_key_id=KEY_ARN)
    assert KEY_ARN in run("store", "--secret", "www", str(folder)).out


def test_key_that_may_not_be_known(
    account: CommandAccount, folder: Path, run: Callable[..., Ended]
) -> None:
    """If the key of a secret can't be read, there is a note; the key of a new secret is known."""
    denied = [(400, "AccessDeniedException", "no")]
    account.refuse["DescribeSecret"] = list(denied)
    new = run("store", "--secret", "www", str(folder), "--kms-key-id", KEY_ARN)
    account.refuse["DescribeSecret"] = list(denied)
    again = run("store", "--secret", "www", str(folder))
    assert KEY_ARN in new.out
    assert (new.code, new.err) == (0, "")
    assert again.code == 0
    assert again.err.startswith("The KMS key of the secret is unknown. AWS denied")
