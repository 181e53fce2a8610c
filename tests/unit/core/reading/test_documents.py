"""Documents of fields: JSON, YAML and variables, by what their texts hold."""

from __future__ import annotations

import json
from email.message import EmailMessage
from typing import TYPE_CHECKING

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from dev.certificates import documents
from dev.certificates.authority import NOW, Authority
from server_certificate.assessment import Assessment, Criteria, Given, Input, assess
from server_certificate.reading.documents.fields import MAX_DEPTH, MAX_VALUES
from server_certificate.reading.documents.json_bundle import read_json_bundle
from server_certificate.reading.reader import read
from support.findings import codes, only

if TYPE_CHECKING:
    from collections.abc import Callable


ISSUER = Authority.root("Root").intermediate("Issuer")
LEAF = ISSUER.leaf()
OTHER = ISSUER.leaf("other.example.com")


def assess_now(bundle: str) -> Assessment:
    """Check a bundle now."""
    return assess(Given(bundle=Input.of_text(bundle)), Criteria(at=NOW))


def is_complete(result: Assessment) -> bool:
    """Return whether leaf, chain and key were found."""
    return (
        result.accepted
        and result.public is not None
        and result.private_key is not None
        and result.public.der == (LEAF.der, *LEAF.chain_der())
        and result.private_key.pem == LEAF.key_pem()
    )


@pytest.mark.parametrize("name", documents.DOCUMENTS)
def test_every_document_gives_up_its_parts(name: str) -> None:
    """Leaf, chain and key are found wherever they are, and it is reported that there are fields."""
    result = assess_now(documents.DOCUMENTS[name](LEAF))
    assert is_complete(result)
    assert "bundle" in codes(result.findings)
    assert not result.accepted_as_is


@pytest.mark.parametrize("change", [documents.in_base64, lambda text: "\ufeff" + text, json.dumps])
def test_documents_are_read_through_wrappings(change: Callable[[str], str]) -> None:
    """A document may be in base64, begin with a byte order mark, or be a text of JSON."""
    assert is_complete(assess_now(change(documents.kubernetes_json(LEAF))))


def test_yaml_may_continue_on_indented_lines() -> None:
    """A block scalar holds base64 in lines of its own."""
    wrapped = "\n".join(f"    {line}" for line in _lines(documents.in_base64(LEAF.key_pem())))
    certificates = documents.in_base64(LEAF.fullchain_pem(root=True))
    assert is_complete(assess_now(f"data:\n  key: |-\n{wrapped}\n  'crt': \"{certificates}\"\n"))


def _lines(text: str) -> list[str]:
    return [text[start : start + 76] for start in range(0, len(text), 76)]


CERTIFICATES, KEY = (
    documents.in_base64(text) for text in (LEAF.fullchain_pem(root=True), LEAF.key_pem())
)


def _broken(text: str, length: int, end: str) -> str:
    return end.join(text[start : start + length] for start in range(0, len(text), length))


@pytest.mark.parametrize(
    "text",
    [
        f"tls.crt: {CERTIFICATES}\ntls.key: {KEY}\n",
        f"tls.crt:\n    {CERTIFICATES}\ntls.key:\n    {KEY}\n",
        f"tls.crt: !!binary {CERTIFICATES}\ntls.key: !!binary {KEY}\n",
        f"tls.crt: {CERTIFICATES} # leaf\ntls.key: {KEY} # key\n",
        f"{{data: {{tls.crt: {CERTIFICATES}, tls.key: {KEY}}}}}\n",
        f'cert = base64decode("{CERTIFICATES}")\nkey = base64decode("{KEY}")\n',
        f"CERT={CERTIFICATES}\nKEY={KEY}\nOTHER={'a' * 80}\n",
        f"cert,key\n{CERTIFICATES},{KEY}\n",
        f"<a><c>{CERTIFICATES}</c><k>{KEY}</k></a>",
        f"{KEY}%\n{CERTIFICATES}user@host:~$ \n",
        *(
            "certificate" + before + _broken(CERTIFICATES, length, end) + f"{after}key{before}"
            f"{_broken(KEY, length, end)}{after}"
            for length in (60, 64, 76, 120)
            for before, end, after in (
                (": ", "\n  ", "\n"),
                (": |\n    ", "\n    ", "\n"),
                (">\n", "\n", "\n</"),
                (' = "', '" +\n    "', '";\n'),
                (" = <<EOT\n", "\n", "\n\nEOT\n"),
            )
        ),
        "Here you are.\n\n" + _broken(documents.in_base64(LEAF.key_der()), 64, "\n") + "\n\n"
        + "\n\n".join(
            _broken(documents.in_base64(der), 64, "\n") for der in (LEAF.der, *LEAF.chain_der())
        ) + "\nBye\n",
    ],
    ids=range(31),
)  # fmt: skip
def test_base64_is_found_anywhere(text: str) -> None:
    """In YAML, variables, tables, XML, programs and prose, on one line or on several."""
    assert is_complete(assess_now(text))


def test_attachments_of_mails_are_read() -> None:
    """Base64 in a mail is found, whatever text is around it."""
    message = EmailMessage()
    message["Subject"] = "Your certificate"
    message.set_content("See below.")
    message.add_attachment(LEAF.pkcs12(None), maintype="application", subtype="x-pkcs12")
    assert is_complete(assess_now(message.as_string()))


@pytest.mark.parametrize("fields", ["lines", "text and lines"])
def test_lists_of_lines_are_texts(fields: str) -> None:
    """Ansible prints what a command wrote as a text, and as a list of its lines."""
    text = LEAF.key_pem() + LEAF.fullchain_pem(root=True)
    more = {} if fields == "lines" else {"stdout": text}
    assert is_complete(assess_now(json.dumps({**more, "stdout_lines": text.splitlines()})))


def test_of_several_keys_the_one_that_belongs_to_the_certificate_is_taken() -> None:
    """Terraform's state has the ACME account's key as well as the certificate's."""
    account = OTHER.key_pem()
    fields = {"account_key_pem": account, "certificate_pem": LEAF.fullchain_pem(root=True)}
    result = assess_now(json.dumps({"attributes": {**fields, "private_key_pem": LEAF.key_pem()}}))
    assert is_complete(result)
    assert "extra-block" in codes(result.findings)
    several = assess_now(json.dumps({**fields, "other": ISSUER.key_pem()}))
    assert "several-private-keys" in codes(several.findings)


@pytest.mark.parametrize(
    "text", [f"data:\n  tls.key: {KEY}\n", json.dumps({"tls.key": KEY}), f"KEY={KEY}\n"]
)
def test_documents_may_hold_the_key_alone(text: str) -> None:
    """The certificate may come from elsewhere."""
    contents = read(Input.of_text(text), subject="private-key")
    assert [key.pem for key in contents.private_keys] == [LEAF.key_pem()]
    among = read(Input.of_text(text), subject="chain")
    assert "private-key-among-certificates" in codes(among.findings)


def test_what_kubectl_applied_last_is_passed_over() -> None:
    """The annotation is ignored, because it may have the previous certificate."""
    last = json.dumps(documents.kubernetes_secret(OTHER))
    text = documents.kubernetes_yaml(LEAF)
    note = f"metadata:\n  annotations:\n    kubectl.kubernetes.io/last-applied: |\n      {last}\n"
    assert is_complete(assess_now(text.replace("metadata:\n", note)))


@pytest.mark.parametrize(
    "make",
    [
        documents.traefik,
        lambda *sites: json.dumps({"items": list(map(documents.kubernetes_secret, sites))}),
        lambda *sites: "---\n".join(map(documents.kubernetes_yaml, sites)),
    ],
    ids=["Traefik", "list of secrets", "several manifests"],
)
def test_certificates_of_several_servers_are_named(make: Callable[..., str]) -> None:
    """The finding names the certificates of several servers, so that the user can choose one."""
    finding = only(
        each
        for each in assess_now(make(LEAF, OTHER)).findings
        if each.code == "several-certificates"
    )
    assert "www.example.com" in finding.message
    assert "other.example.com" in finding.message


def test_what_is_not_needed_is_left_out_and_reported() -> None:
    """A request and the key of an account belong to nothing that is uploaded."""
    for text, name in (
        (documents.cfssl(LEAF), "a certificate signing request"),
        (documents.traefik(LEAF), "a second private key"),
    ):
        finding = only(each for each in assess_now(text).findings if each.code == "extra-block")
        assert finding.message == f"it also contains {name}, which conversion removes."


def test_a_key_in_the_field_of_the_certificate() -> None:
    """It is recognized as a private key, and no part of it is quoted."""
    text = json.dumps({"certificate": documents.in_base64(LEAF.key_der())})
    findings = assess_now(text).findings
    assert "private-key-among-certificates" in codes(findings)
    assert LEAF.key_pem().splitlines()[1] not in "".join(map(str, findings))


def test_damage_in_a_field_is_reported() -> None:
    """A certificate that can't be read is reported."""
    fields = {"crt": LEAF.pem.replace("M", "!", 1), "key": LEAF.key_pem()}
    assert "unreadable" in codes(assess_now(json.dumps(fields)).findings)


def test_documents_are_read_for_a_single_part() -> None:
    """Given as the certificate, a document may hold certificates only."""
    chain = json.dumps({"ca": documents.in_base64(LEAF.chain_pem())})
    contents = read(Input.of_text(chain), subject="chain")
    assert [element.certificate.der for element in contents.certificates] == [*LEAF.chain_der()]
    whole = read(Input.of_text(documents.kubernetes_yaml(LEAF)), subject="certificate")
    assert "private-key-among-certificates" in codes(whole.findings)


def test_names_of_fields_that_may_be_secret_are_not_repeated() -> None:
    """A duplicate field is named only if its name consists of words."""
    secret = LEAF.key_pem().splitlines()[1][:30]
    for name, told in (("caBundle", "its field 'caBundle'"), (secret, "one of its fields")):
        text = f'{{"{name}": "a", "{name}": "b", {documents.acm_export(LEAF)[1:]}'
        messages = [finding.message for finding in assess_now(text).findings]
        assert f"{told} appears 2 times." in messages


@pytest.mark.parametrize(
    "text",
    [
        "[" + "{}," * 500_000 + "{}]",
        '{"a":' * 100_000,
        "[" * 2_000_000,
        f'{{"certificate": {"9" * 1_000_000}}}',
        '["' + '","' * 1_000_000 + '"]',
        '"' * 4_000_000,
        '"\\' * 1_000_000,
        "a: " * 1_000_000,
        ("a: " + "A" * 70 + "\n") * 50_000,
        ("a: |\n" + " A\n" * 20) * 40_000,
        json.dumps([["-----BEGIN CERTIFICATE-----"]] * 30_000),
    ],
    ids=range(11),
)
def test_hostile_documents_are_no_bundles(text: str) -> None:
    """Half a million objects, depth and long numbers are not even decoded."""
    bundle = read_json_bundle(Input.of_text(text[: 4 * 1024 * 1024]))
    assert bundle is None or bundle.problems


def test_lone_surrogates_are_harmless() -> None:
    """JSON can spell characters that no encoding has."""
    text = '{"certificate": "\\ud800", "privateKey": "\\udfff", "x": "\\ud800 BEGIN"}'
    assert not assess_now(text).accepted
    encoded = [str(finding).encode() for finding in assess_now(text).findings]
    assert encoded


@pytest.mark.parametrize(
    ("depth", "values", "is_read"),
    [(1, 0, True), (MAX_DEPTH - 1, 0, True), (MAX_DEPTH, 0, False), (1, 2 * MAX_VALUES + 1, False)],
)
def test_extent_of_json_is_limited(depth: int, values: int, *, is_read: bool) -> None:
    """Deeper documents and those of more values than any real one are not decoded."""
    filling = ",".join("0" for _ in range(values))
    text = f'{{"x": [{filling}], "y": {"[" * depth}{json.dumps(LEAF.pem)}{"]" * depth}}}'
    assert (read_json_bundle(Input.of_text(text)) is not None) == is_read


def test_thousands_of_keys_are_handled_quickly() -> None:
    """Only a few are loaded to find out which one belongs to the certificate."""
    keys = [
        ec.derive_private_key(number, ec.SECP256R1()).private_bytes(
            Encoding.DER, PrivateFormat.PKCS8, NoEncryption()
        )
        for number in range(1, 1_500)
    ]
    text = json.dumps([documents.in_base64(octets) for octets in (*keys, LEAF.der)])
    assert "too-many-blocks" in codes(assess_now(text).findings)
