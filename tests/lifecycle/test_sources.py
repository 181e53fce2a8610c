"""Material from every source that the function reads: parts, bundles, versions."""

from __future__ import annotations

import base64
import json
from ssl import PEM_cert_to_DER_cert
from typing import TYPE_CHECKING, Any

import pytest

from dev.certificates.forms import forms_of
from dev.simulator.stack import Stack
from server_certificate.contract.ownership import SECRET_VERSION_TAG

if TYPE_CHECKING:
    from dev.certificates.authority import Authority, Issued
    from dev.simulator.account import Account

BUNDLE = "arn:aws:secretsmanager:eu-central-1:111122223333:secret:bundle-AbCdEf"
PASSPHRASE = "arn:aws:secretsmanager:eu-central-1:111122223333:secret:passphrase-AbCdEf"  # noqa: S105 - an address


def declared(**sources: object) -> dict[str, Any]:
    """Return the properties of a resource whose material comes from these sources."""
    return {
        "ServiceToken": "arn:aws:lambda:eu-central-1:111122223333:function:provider",
        "NamePrefix": "web-Certificate-1A2B3C4D-eu-central-1",
        "PropagationSeconds": "0",
        **sources,
    }


def assert_stored(account: Account, answer: dict[str, Any], leaf: Issued) -> None:
    """See that IAM holds exactly a certificate with its chain and its key."""
    assert answer["Status"] == "SUCCESS", answer
    stored = account.certificates.get(answer["Data"]["ServerCertificateName"])
    assert stored.material.body.strip() == leaf.pem.strip()
    assert (stored.material.chain or "").strip() == leaf.chain_pem().strip()


def test_every_bundle_in_a_secret(account: Account, authority: Authority) -> None:
    """PKCS#12 of every encryption, PEM and JSON become what IAM takes, and go with their stack."""
    leaf = authority.leaf()
    bundles = {name: form for name, form in forms_of(leaf).items() if form.bundle is not None}
    assert len(bundles) > 4
    for name, handed in bundles.items():
        assert handed.bundle is not None
        account.secrets[BUNDLE] = handed.bundle
        properties = declared(Bundle={"SecretArn": BUNDLE})
        if handed.passphrase is not None:
            account.secrets[PASSPHRASE] = handed.passphrase
            properties["Passphrase"] = {"SecretArn": PASSPHRASE}
        stack = Stack(account)
        assert stack.create(properties)["Status"] == "SUCCESS", name
        assert_stored(account, stack.answers[-1], leaf)
        stack.delete()
    assert not account.names()


def test_bundle_in_an_object_with_its_passphrase_in_a_parameter(
    account: Account, authority: Authority
) -> None:
    """A version of an object, opened by a field of a parameter with a line end behind it."""
    leaf = authority.leaf()
    account.objects = {"tls/www.pfx?v1": leaf.pkcs12("correct horse")}
    account.parameters = {"/tls/all": json.dumps({"passphrase": "correct horse\n"})}
    answer = Stack(account).create(
        declared(
            Bundle={"BucketName": "tls", "ObjectKey": "www.pfx", "ObjectVersion": "v1"},
            Passphrase={"ParameterName": "/tls/all", "JsonField": "passphrase"},
        )
    )
    assert_stored(account, answer, leaf)


@pytest.mark.parametrize(
    "written",
    [
        "correct horse",
        "correct horse\n",
        "\ufeffcorrect horse\r\n",
        b"\xef\xbb\xbfcorrect horse\r\n",
        "correct horse".encode("utf-16"),
    ],
)
def test_passphrase_of_a_file_that_became_a_secret(
    account: Account, authority: Authority, written: str | bytes
) -> None:
    """What an editor added to the file of a passphrase is none of it, in text and in binary."""
    leaf = authority.leaf()
    account.secrets = {BUNDLE: leaf.pkcs12("correct horse"), PASSPHRASE: written}
    answer = Stack(account).create(
        declared(Bundle={"SecretArn": BUNDLE}, Passphrase={"SecretArn": PASSPHRASE})
    )
    assert_stored(account, answer, leaf)


@pytest.mark.parametrize(
    ("written", "told"),
    [
        ("correct horse ", "About the passphrase: It ends with white space, which was kept."),
        (b"corr\xe9ct", f"The passphrase in the secret '{PASSPHRASE}' is not UTF-8 text"),
    ],
)
def test_passphrase_that_opens_nothing_is_explained(
    account: Account, authority: Authority, written: str | bytes, told: str
) -> None:
    """The reason says what was noticed about it, and quotes nothing of it."""
    account.secrets = {BUNDLE: authority.leaf().pkcs12("correct horse"), PASSPHRASE: written}
    answer = Stack(account).create(
        declared(Bundle={"SecretArn": BUNDLE}, Passphrase={"SecretArn": PASSPHRASE})
    )
    assert answer["Status"] == "FAILED"
    assert told in answer["Reason"]
    assert "horse" not in answer["Reason"]


@pytest.mark.parametrize("in_bundle", [True, False])
def test_encrypted_key_by_itself(
    account: Account, authority: Authority, *, in_bundle: bool
) -> None:
    """A passphrase opens a key next to a certificate, and next to a bundle that lacks one."""
    leaf = authority.leaf()
    public = leaf.fullchain_pem(root=True)
    account.secrets = {BUNDLE: public, PASSPHRASE: "correct horse"}
    account.parameters = {"/key": leaf.key_pem(password="correct horse")}  # noqa: S106 (no secret)
    answer = Stack(account).create(
        declared(
            **(
                {"Bundle": {"SecretArn": BUNDLE}}
                if in_bundle
                else {"Certificate": {"Text": public}}
            ),
            PrivateKey={"ParameterName": "/key"},
            Passphrase={"SecretArn": PASSPHRASE},
        )
    )
    assert_stored(account, answer, leaf)


def test_wrong_passphrase_of_a_key(account: Account, authority: Authority) -> None:
    """The reason names the key and its source, and quotes neither."""
    leaf = authority.leaf()
    account.secrets = {BUNDLE: leaf.key_pem(password="correct horse"), PASSPHRASE: "wrong horse"}  # noqa: S106 (no secret)
    answer = Stack(account).create(
        declared(
            Certificate={"Text": leaf.fullchain_pem(root=True)},
            PrivateKey={"SecretArn": BUNDLE},
            Passphrase={"SecretArn": PASSPHRASE},
        )
    )
    assert answer["Status"] == "FAILED"
    reason = f"private-key (secret '{BUNDLE}'): it is encrypted, but the given passphrase doesn't"
    assert reason in answer["Reason"]
    assert "horse" not in answer["Reason"]


@pytest.mark.parametrize("name", ["ServerCertificateName", "Path", "NamePrefix", "PrivateKey"])
def test_key_in_place_of_a_name_is_not_answered(
    account: Account, authority: Authority, caplog: pytest.LogCaptureFixture, name: str
) -> None:
    """A key where a name belongs fails the event, and is neither answered nor logged."""
    leaf = authority.leaf()
    key = leaf.key_pem()
    properties = declared(
        Certificate={"Text": leaf.fullchain_pem(root=True)}, PrivateKey={"ParameterName": "/key"}
    )
    properties[name] = {"ParameterName": key} if name == "PrivateKey" else key
    with caplog.at_level("INFO"):
        answer = Stack(account).create(properties)
    assert answer["Status"] == "FAILED"
    assert "it contains a private key or a certificate" in answer["Reason"]
    shown = caplog.text + repr(answer)
    assert not [line for line in key.splitlines()[1:-1] if line in shown]


@pytest.mark.parametrize("in_bundle", [True, False])
def test_chain_beside_a_bundle(account: Account, authority: Authority, *, in_bundle: bool) -> None:
    """A chain that the bundle lacks comes from elsewhere; one that it has counts once."""
    leaf = authority.leaf()
    parts = {"certificate": leaf.pem, "privateKey": leaf.key_pem()}
    if in_bundle:
        parts["certificateChain"] = leaf.chain_pem()
    account.secrets[BUNDLE] = json.dumps(parts)
    answer = Stack(account).create(
        declared(Bundle={"SecretArn": BUNDLE}, CertificateChain={"Text": leaf.chain_pem()})
    )
    assert_stored(account, answer, leaf)


def test_each_part_from_another_service(account: Account, authority: Authority) -> None:
    """Leaf from S3, chain from Systems Manager, key from Secrets Manager."""
    leaf = authority.leaf()
    account.objects = {"tls/www.der": leaf.der}
    account.parameters = {"/tls/chain:2": leaf.chain_pem()}
    account.secrets[BUNDLE] = leaf.key_pem()
    answer = Stack(account).create(
        declared(
            Certificate={"BucketName": "tls", "ObjectKey": "www.der"},
            CertificateChain={"ParameterName": "/tls/chain", "ParameterVersion": "2"},
            PrivateKey={"SecretArn": BUNDLE},
        )
    )
    assert_stored(account, answer, leaf)


def test_new_version_replaces_the_certificate(account: Account, authority: Authority) -> None:
    """A version in the properties makes a rotated secret an update, and its content a new certificate."""
    old, new = authority.leaf(), authority.leaf()
    account.objects = {
        "tls/www.pfx?v1": old.pkcs12(None),
        "tls/www.pfx?v2": new.pkcs12(None),
    }
    source = {"BucketName": "tls", "ObjectKey": "www.pfx"}
    stack = Stack(account)
    before = stack.create(declared(Bundle={**source, "ObjectVersion": "v1"}))
    after = stack.update(declared(Bundle={**source, "ObjectVersion": "v2"}))
    assert_stored(account, after, new)
    assert after["PhysicalResourceId"] != before["PhysicalResourceId"]
    assert list(account.names().values()) == [after["PhysicalResourceId"]]


def test_same_content_in_another_form_is_no_new_certificate(
    account: Account, authority: Authority
) -> None:
    """Moving from parts to a bundle uploads nothing."""
    leaf = authority.leaf()
    account.secrets[BUNDLE] = leaf.key_pem()
    stack = Stack(account)
    before = stack.create(
        declared(
            Certificate={"Text": leaf.fullchain_pem(root=True)}, PrivateKey={"SecretArn": BUNDLE}
        )
    )
    account.objects = {"tls/www.pfx": leaf.pkcs12(None)}
    after = stack.update(declared(Bundle={"BucketName": "tls", "ObjectKey": "www.pfx"}))
    assert after["PhysicalResourceId"] == before["PhysicalResourceId"]
    assert account.calls.count("UploadServerCertificate") == 1


@pytest.mark.parametrize(
    ("passphrase", "sentence"),
    [
        ("wrong horse", "given passphrase doesn't decrypt it. Provide the passphrase"),
        (None, "Provide its passphrase, or decrypt it: openssl pkcs12 -in"),
    ],
)
def test_bundle_that_does_not_open(
    account: Account, authority: Authority, passphrase: str | None, sentence: str
) -> None:
    """The reason names the bundle and its source, and neither passphrase nor content."""
    account.secrets[BUNDLE] = authority.leaf().pkcs12("correct horse")
    properties = declared(Bundle={"SecretArn": BUNDLE})
    if passphrase is not None:
        account.secrets[PASSPHRASE] = passphrase
        properties["Passphrase"] = {"SecretArn": PASSPHRASE}
    answer = Stack(account).create(properties)
    assert answer["Status"] == "FAILED"
    assert f"bundle (secret '{BUNDLE}'): " in answer["Reason"]
    assert sentence in answer["Reason"]
    assert "horse" not in answer["Reason"]
    assert not account.names()


def test_bundle_without_a_key(account: Account, authority: Authority) -> None:
    """A bundle that lacks the private key is told so, and nothing is uploaded."""
    account.secrets[BUNDLE] = authority.leaf().fullchain_pem(root=True)
    answer = Stack(account).create(declared(Bundle={"SecretArn": BUNDLE}))
    assert answer["Status"] == "FAILED"
    assert f"bundle (secret '{BUNDLE}'): it is PEM without a private key" in answer["Reason"]
    assert not account.names()


def test_secrets_of_every_source_stay_out_of_log_and_answers(
    account: Account, authority: Authority, caplog: pytest.LogCaptureFixture
) -> None:
    """Neither key nor passphrase shows, wherever they lie and whatever fails."""
    leaf, other = authority.leaf(), authority.leaf()
    account.parameters = {
        "/pass": "correct horse",
        "/wrong": "battery staple",
        "/key": other.key_pem(),
    }
    account.objects = {"tls/www.pfx": leaf.pkcs12("correct horse")}
    bundle = {"BucketName": "tls", "ObjectKey": "www.pfx"}
    stack = Stack(account)
    with caplog.at_level("INFO"):
        stack.create(declared(Bundle=bundle, Passphrase={"ParameterName": "/wrong"}))
        stack.create(declared(Bundle=bundle, Passphrase={"ParameterName": "/pass"}))
        stack.update(
            declared(
                Certificate={"Text": leaf.pem}, PrivateKey={"ParameterName": "/key"}, Path="/x/"
            )
        )
        stack.delete()
    shown = caplog.text + repr(stack.answers)
    assert "decision" in shown
    for secret in ("correct horse", "battery staple", *leaf.key_pem().splitlines()[1:-1]):
        assert secret not in shown
    assert other.key_pem().splitlines()[1] not in shown


@pytest.mark.parametrize("in_field", [True, False])
def test_base64_in_a_text_secret(account: Account, authority: Authority, *, in_field: bool) -> None:
    """What ``base64`` writes for PKCS#12, DER and PEM is read from a text secret, whole or a field of JSON."""
    leaf = authority.leaf()
    contents = {
        "Bundle": leaf.pkcs12("secret"),
        "Certificate": PEM_cert_to_DER_cert(leaf.pem),
        "CertificateChain": leaf.chain_pem().encode(),
        "PrivateKey": leaf.key_der(),
    }
    parts: dict[str, Any] = {}
    for part, content in contents.items():
        arn = BUNDLE.replace("bundle", part)
        text = base64.encodebytes(content).decode()
        account.secrets[arn] = json.dumps({"value": text}) if in_field else text
        parts[part] = {"SecretArn": arn, **({"JsonField": "value"} if in_field else {})}
    account.secrets[PASSPHRASE] = "secret"
    bundle = {"Bundle": parts.pop("Bundle"), "Passphrase": {"SecretArn": PASSPHRASE}}
    for sources in (bundle, parts):
        stack = Stack(account)
        assert_stored(account, stack.create(declared(**sources)), leaf)
        stack.delete()


@pytest.mark.parametrize(
    ("part", "field"),
    [
        ("Certificate", "certificate"),
        ("CertificateChain", "certificateChain"),
        ("PrivateKey", "privateKey"),
    ],
)
def test_whole_secret_of_the_command_as_one_part(
    account: Account, authority: Authority, part: str, field: str
) -> None:
    """What ``store`` writes, declared as one part, is refused with the field to name."""
    leaf = authority.leaf()
    account.secrets[BUNDLE] = json.dumps({"certificate": leaf.pem, "privateKey": leaf.key_pem()})
    account.secrets[PASSPHRASE] = leaf.key_pem()
    sources = {
        "Certificate": {"Text": leaf.fullchain_pem()},
        "PrivateKey": {"SecretArn": PASSPHRASE},
        part: {"SecretArn": BUNDLE},
    }
    answer = Stack(account).create(declared(**sources))
    assert f'Add json_field="{field}"' in answer["Reason"]
    assert "BundleSource.from_secret" in answer["Reason"]


def test_tag_of_the_version_that_was_read(account: Account, authority: Authority) -> None:
    """The tag follows the secret's version, also if a newer version has the same content."""
    leaf = authority.leaf()
    account.secrets = {BUNDLE: f"{leaf.fullchain_pem()}{leaf.key_pem()}"}
    stack = Stack(account)
    properties = declared(Bundle={"SecretArn": BUNDLE})
    stack.create(properties)
    first = _secret_version(account)
    account.secrets[BUNDLE] += "\n"
    stack.update({**properties, "Tags": [{"Key": "team", "Value": "edge"}]})
    assert first.startswith(f"{BUNDLE} ")
    assert _secret_version(account).startswith(f"{BUNDLE} ")
    assert _secret_version(account) != first


def _secret_version(account: Account) -> str:
    (stored,) = account.certificates.list_certificates(max_items=10).items
    return next(tag.value for tag in stored.tags if tag.key == SECRET_VERSION_TAG)
