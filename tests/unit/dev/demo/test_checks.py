"""The demo's checks fail when they should: each is shown evidence with one thing wrong."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from dev.demo import checks
from dev.demo.facts import Evidence, Outcome, Snapshot, StackResource, StoredCertificate, Watch
from dev.demo.steps import life_of_a_certificate

if TYPE_CHECKING:
    from dev.certificates.authority import Issued

STACK_ID = "arn:aws:cloudformation:eu-central-1:111122223333:stack/Certificates/1"
GENERATED = "Certificates-Certificate-56F1C7E6-eu-central-1-0123456789abcdef"
TAGS = {
    "project": "cdk-iam-server-certificate",
    "cdk-iam-server-certificate:stack-id": STACK_ID,
    "cdk-iam-server-certificate:logical-id": "Certificate",
    "cdk-iam-server-certificate:request-id": "request",
    "cdk-iam-server-certificate:source": "digest",
}


@pytest.fixture
def ours(material: Issued) -> StoredCertificate:
    """Our certificate, as it should be."""
    return StoredCertificate(
        certificate_id="ASCAOURS",
        name=GENERATED,
        path="/demo/",
        arn=f"arn:aws:iam::111122223333:server-certificate/demo/{GENERATED}",
        certificate_der=material.der,
        chain_der=material.chain_der(),
        tags=TAGS,
    )


@pytest.fixture
def evidence(ours: StoredCertificate) -> Evidence:
    """Everything is correct: our certificate is in use, and there is a foreign one."""
    foreign = replace(ours, certificate_id="ASCAFOREIGN", name="foreign", tags={})
    snapshot = Snapshot(
        certificates=(foreign, ours),
        listener_arns=(ours.arn,),
        resource=StackResource(
            stack_id=STACK_ID, logical_id="Certificate", physical_id=ours.certificate_id
        ),
    )
    return Evidence(before=snapshot, outcome=Outcome(), after=snapshot, foreign=foreign)


def _with(evidence: Evidence, *certificates: StoredCertificate) -> Evidence:
    after = replace(evidence.after, certificates=(evidence.foreign, *certificates))
    return replace(evidence, after=after)


def test_command_that_fails(evidence: Evidence) -> None:
    """An exit code other than 0 is wrong where success is expected."""
    assert checks.succeeded(evidence) == []
    assert checks.succeeded(replace(evidence, outcome=Outcome(exit_code=1))) != []


def test_failure_with_its_reason(evidence: Evidence) -> None:
    """A success is wrong, and so is a failure without its reason; line breaks do not matter."""
    check = checks.failed_with("the public keys differ")
    failed = Outcome(exit_code=1, output="said that the\n  public keys differ.")
    assert check(replace(evidence, outcome=failed)) == []
    assert len(check(replace(evidence, outcome=replace(failed, exit_code=0)))) == 1
    assert len(check(replace(evidence, outcome=replace(failed, output="Failed.")))) == 1
    assert len(check(evidence)) == 2


def test_output_without_the_phrase(evidence: Evidence) -> None:
    """A phrase that is not in the output is missed."""
    check = checks.output_has("no differences")
    assert check(replace(evidence, outcome=Outcome(output="There were no\ndifferences"))) == []
    assert check(evidence) != []


@pytest.mark.parametrize(
    "change",
    [
        {"path": "/"},
        {"name": "certificate"},
        {"arn": "arn:aws:iam::111122223333:server-certificate/another"},
        {"certificate_der": b"another"},
        {"chain_der": ()},
        {"certificate_id": "ASCAUNKNOWN"},
        {"tags": {}},
        {"tags": TAGS | {"project": "another"}},
        {"tags": TAGS | {"more": "than expected"}},
        {"tags": TAGS | {"cdk-iam-server-certificate:stack-id": "another"}},
        {"tags": TAGS | {"cdk-iam-server-certificate:logical-id": "another"}},
        {"tags": TAGS | {"cdk-iam-server-certificate:request-id": ""}},
        {"tags": TAGS | {"cdk-iam-server-certificate:source": ""}},
        {"tags": TAGS | {"cdk-iam-server-certificate:replaces": "ASCAOTHER"}},
    ],
)
def test_certificate_that_is_not_as_expected(
    evidence: Evidence, ours: StoredCertificate, material: Issued, change: dict[str, object]
) -> None:
    """Name, path, ARN, id, content, chain and every tag count."""
    check = checks.holds(material, path="/demo/")
    assert check(evidence) == []
    assert check(_with(evidence, replace(ours, **change))) != []


def test_explicit_name_that_is_another(evidence: Evidence, material: Issued) -> None:
    """An explicit name must be that name."""
    assert checks.holds(material, path="/demo/", name=GENERATED)(evidence) == []
    assert checks.holds(material, path="/demo/", name="another")(evidence) != []


def test_predecessor_of_a_new_certificate(
    evidence: Evidence, ours: StoredCertificate, material: Issued
) -> None:
    """A new certificate says which one it replaces, and that is the one from before."""
    check = checks.holds(material, path="/demo/")

    def wrong(**tags: str) -> list[str]:
        renewed = replace(ours, certificate_id="ASCANEW", tags=TAGS | tags)
        assert evidence.after.resource is not None
        resource = replace(evidence.after.resource, physical_id="ASCANEW")
        after = replace(evidence.after, certificates=(evidence.foreign, renewed), resource=resource)
        return check(replace(evidence, after=after))

    tag = "cdk-iam-server-certificate:replaces"
    assert wrong(**{tag: "ASCAOURS"}) == []
    assert wrong(**{tag: "ASCAOURS takes-name"}) == []
    assert wrong() == ["Its tags say that it replaces '', not 'ASCAOURS'."]


def test_number_of_certificates(
    evidence: Evidence, ours: StoredCertificate, material: Issued
) -> None:
    """None is wrong, and so is one that was left over."""
    check = checks.holds(material, path="/demo/")
    assert check(_with(evidence)) != []
    assert check(_with(evidence, ours, replace(ours, certificate_id="ASCAOLD"))) != []


def test_certificate_without_a_stack(evidence: Evidence, material: Issued) -> None:
    """A certificate that the stack does not know is wrong."""
    after = replace(evidence.after, resource=None)
    assert checks.holds(material, path="/demo/")(replace(evidence, after=after)) != []


@pytest.mark.parametrize("output", ["Arn", "Id", "Name", "Expiration"])
def test_output_that_is_another(
    evidence: Evidence, ours: StoredCertificate, material: Issued, output: str
) -> None:
    """Each output counts."""
    expiration = material.certificate.not_valid_after_utc.strftime("%Y-%m-%dT%H:%M:%SZ")
    outputs = {
        "Arn": ours.arn,
        "Id": ours.certificate_id,
        "Name": ours.name,
        "Expiration": expiration,
    }

    def wrong(values: dict[str, str]) -> list[str]:
        text = "\n".join(f"Certificates.{key} = {value}" for key, value in values.items())
        outcome = Outcome(output=text)
        return checks.outputs_describe_it(material)(replace(evidence, outcome=outcome))

    assert wrong(outputs) == []
    assert len(wrong(outputs | {output: "another"})) == 1


def test_ids(evidence: Evidence, ours: StoredCertificate) -> None:
    """A replaced certificate is seen, and one that should have been replaced, or is left over."""
    replaced = _with(evidence, replace(ours, certificate_id="ASCANEW"))
    assert checks.same_id(evidence) == []
    assert checks.same_id(replaced) != []
    assert checks.new_id(replaced) == []
    assert checks.new_id(evidence) != []
    assert checks.new_id(replace(replaced, before=Snapshot())) != []


@pytest.mark.parametrize("change", ["certificates", "resource", "listener_arns"])
def test_anything_that_changed(evidence: Evidence, change: str) -> None:
    """A change in IAM, in the stack or at the listener is seen."""
    assert checks.nothing_changed(evidence) == []
    nothing = getattr(Snapshot(), change)
    after = replace(evidence.after, **{change: nothing})
    assert checks.nothing_changed(replace(evidence, after=after)) != []


@pytest.mark.parametrize("arns", [(), ("another",), ("another", "and another")])
def test_listener_with_another_certificate(evidence: Evidence, arns: tuple[str, ...]) -> None:
    """No certificate, another one, and more than one are wrong."""
    assert checks.listener_serves_it(evidence) == []
    after = replace(evidence.after, listener_arns=arns)
    assert checks.listener_serves_it(replace(evidence, after=after)) != []


def test_listener_without_any_certificate_there(evidence: Evidence) -> None:
    """When nothing is there to be served, a listener that serves nothing is not right."""
    assert checks.listener_serves_it(replace(evidence, after=Snapshot())) != []


@pytest.mark.parametrize("watch", [None, Watch(0, ()), Watch(100, ("arn",))])
def test_listener_whose_certificate_was_missing(evidence: Evidence, watch: Watch | None) -> None:
    """One moment without the certificate is wrong, and so is not having looked."""
    assert checks.never_missing(replace(evidence, outcome=Outcome(watch=Watch(100, ())))) == []
    assert checks.never_missing(replace(evidence, outcome=Outcome(watch=watch))) != []


def test_foreign_certificate_that_was_touched(evidence: Evidence) -> None:
    """A foreign certificate that is gone or changed is seen."""
    assert checks.foreign_untouched(evidence) == []
    for certificates in ((), (replace(evidence.foreign, tags={"mine": "now"}),)):
        after = replace(evidence.after, certificates=certificates)
        assert checks.foreign_untouched(replace(evidence, after=after)) != []


def test_something_left(evidence: Evidence) -> None:
    """Our certificate, the stack's resource and the listener are three things left."""
    assert len(checks.nothing_left(evidence)) == 3
    clean = Snapshot(certificates=(evidence.foreign,))
    assert checks.nothing_left(replace(evidence, after=clean)) == []


def test_secret_in_a_text(evidence: Evidence, material: Issued) -> None:
    """A line of the key, any key, a ResponseURL, and a text that was not read are wrong."""
    check = checks.keeps_secret([material], sources=("log ",))
    line = material.key_pem().splitlines()[1]
    armored = "-----BEGIN RSA PRIVATE KEY-----\\nMIIEowIBAAKCAQEA"

    def wrong(text: str) -> list[str]:
        return check(replace(evidence, outcome=Outcome(texts={"log of it": text.encode()})))

    assert wrong("decision: upload; '-----BEGIN PRIVATE KEY-----' is how one begins") == []
    assert len(wrong(f"the key is {line}")) == 1
    assert len(wrong(armored)) == 1
    assert len(wrong("https://localhost:1/_ministack/cfn-response/token")) == 1
    assert len(wrong("")) == 1
    assert len(check(evidence)) == 1


def test_log_that_does_not_tell(evidence: Evidence) -> None:
    """A decision that isn't in the log is reported, even if another file contains it."""
    check = checks.contains("log", "upload", "delete")
    texts = {"log of it": b"upload", "cdk.out of it": b"delete"}
    assert check(replace(evidence, outcome=Outcome(texts=texts))) == ["The log lacks 'delete'."]
    assert check(replace(evidence, outcome=Outcome(texts={"log": b"upload, delete"}))) == []


def test_every_step_fails_on_an_empty_cloud(material: Issued) -> None:
    """Every step fails if IAM, the stack and the output are empty."""
    names = ("first", "renewed", "again", "other", "automatic")
    foreign = StoredCertificate(
        certificate_id="ASCAFOREIGN",
        name="foreign",
        path="/",
        arn="arn",
        certificate_der=b"",
        chain_der=(),
        tags={},
    )
    nothing = Evidence(before=Snapshot(), outcome=Outcome(), after=Snapshot(), foreign=foreign)
    for step in life_of_a_certificate(dict.fromkeys(names, material)):
        assert checks.mismatches(step.checks, nothing), step.title
