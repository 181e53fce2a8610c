"""What a change set may contain: certificates of the secret, what refers to them, and nothing else."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from server_certificate_handler.renewal.changes import Cause, Change, ChangeSet
from server_certificate_handler.renewal.review import refusal
from support.renewal_account import CERTIFICATE_TYPE, LISTENER_TYPE, NEW, PARAMETER

STACK_TYPE = "AWS::CloudFormation::Stack"
AUTOMATIC = Cause(("Properties", ""), "Automatic", "", is_certain=False)
DIRECT = Cause(("Properties", "Port"), "DirectModification", "", is_certain=True)


def by_parameter(name: str = PARAMETER, target: str = "Bundle") -> Cause:
    """Return the cause that a parameter is."""
    return Cause(("Properties", target), "ParameterReference", name, is_certain=True)


def by_resource(entity: str, target: str = "Certificates") -> Cause:
    """Return the cause that a resource, or an attribute of it, is."""
    source = "ResourceAttribute" if "." in entity else "ResourceReference"
    return Cause(("Properties", target), source, entity, is_certain=False)


def repeated(cause: Cause) -> Cause:
    """Return the direct modification that CloudFormation reports together with a reference."""
    return Cause(cause.target, "DirectModification", "", is_certain=False)


def change(
    logical_id: str,
    *causes: Cause,
    resource_type: str = LISTENER_TYPE,
    action: str = "Modify",
    replacement: str = "False",
    nested: ChangeSet | None = None,
) -> Change:
    """Return a change."""
    return Change(
        logical_id=logical_id,
        resource_type=resource_type,
        action=action,
        replacement=replacement,
        causes=causes,
        nested=nested,
    )


def certificate(logical_id: str = "Cert", *causes: Cause, replacement: str = "True") -> Change:
    """Return the change of a certificate, by default because of the parameter."""
    return change(
        logical_id,
        *(causes or (repeated(by_parameter()), by_parameter())),
        resource_type=CERTIFICATE_TYPE,
        replacement=replacement,
    )


def nested_stack(
    logical_id: str, *causes: Cause, changes: tuple[Change, ...] = (), **parameters: str
) -> Change:
    """Return the change of a nested stack."""
    nested = ChangeSet(changes=changes, parameters=parameters)
    return change(logical_id, AUTOMATIC, *causes, resource_type=STACK_TYPE, nested=nested)


CERTIFICATE = certificate()
LISTENER = change("Listener", repeated(by_resource("Cert.Arn")), by_resource("Cert.Arn"))
RULE = change("Rule", by_resource("Listener", "ListenerArn"))


def review(*changes: Change, **parameters: str) -> str | None:
    """Review the change set of a root stack."""
    change_set = ChangeSet(changes=changes, parameters={PARAMETER: NEW, **parameters})
    return refusal(change_set, parameter=PARAMETER, version_id=NEW)


@pytest.mark.parametrize("replacement", ["True", "False", "Conditional"])
def test_certificate_may_be_replaced(replacement: str) -> None:
    """A new certificate replaces the old one, whatever CloudFormation can tell beforehand."""
    assert review(certificate(replacement=replacement), LISTENER) is None


@pytest.mark.parametrize("replacement", ["True", "Conditional"])
def test_certificate_in_a_list_may_be_replaced(replacement: str) -> None:
    """The further certificate of a listener is only a reference, which nothing refers to."""
    further = change(
        "Further",
        by_resource("Cert.Arn"),
        resource_type="AWS::ElasticLoadBalancingV2::ListenerCertificate",
        replacement=replacement,
    )
    assert review(CERTIFICATE, further) is None


@given(st.permutations([CERTIFICATE, certificate("Second"), LISTENER, RULE]))
def test_order_does_not_matter(changes: list[Change]) -> None:
    """Two certificates, a listener, and what refers to the listener are accepted in any order."""
    assert review(*changes) is None


FOREIGN = {
    "create": (change("Bucket", action="Add"), "would create the resource 'Bucket'"),
    "delete": (change("Bucket", action="Remove"), "would delete the resource 'Bucket'"),
    "import": (change("Bucket", action="Import"), "would import the resource 'Bucket'"),
    "dynamic": (change("Bucket", action="Dynamic"), "take the action 'Dynamic' on the resource"),
    "sync": (change("Bucket", action="SyncWithActual"), "take the action 'SyncWithActual' on"),
    "replaced": (
        change("Listener", by_resource("Cert.Arn"), replacement="True"),
        "would replace the resource 'Listener'",
    ),
    "perhaps replaced": (
        change("Listener", by_resource("Cert.Arn"), replacement="Conditional"),
        "might replace the resource 'Listener'",
    ),
    "unknown replacement": (
        change("Listener", by_resource("Cert.Arn"), replacement=""),
        "might replace the resource 'Listener'",
    ),
    "direct": (change("Listener", DIRECT), "because of a change of its template (Properties Port)"),
    "direct and reference": (
        change("Listener", by_resource("Cert.Arn"), DIRECT),
        "because of a change of its template (Properties Port)",
    ),
    "direct, certain, of the same property": (
        change(
            "Listener",
            by_resource("Cert.Arn"),
            replace(repeated(by_resource("Cert.Arn")), is_certain=True),
        ),
        "because of a change of its template (Properties Certificates)",
    ),
    "direct, uncertain, of another property": (
        change("Listener", by_resource("Cert.Arn"), replace(DIRECT, is_certain=False)),
        "because of a change of its template (Properties Port)",
    ),
    "no modification": (
        change("Listener", replace(DIRECT, source="NoModification")),
        "because of a change of its template",
    ),
    "tags": (
        change("Listener", Cause(("Tags", ""), "", "", is_certain=True)),
        "(AWS::ElasticLoadBalancingV2::Listener) because of a change of its Tags.",
    ),
    "another image": (
        change("Fleet", by_parameter("AmiId", "ImageId")),
        "would change the resource 'Fleet' (AWS::ElasticLoadBalancingV2::Listener) because of the",
    ),
    "the version elsewhere": (
        change("Function", by_parameter(target="Environment")),
        f"because of the parameter '{PARAMETER}'",
    ),
    "no cause": (change("Listener"), "without naming a reason"),
    "automatic": (change("Listener", AUTOMATIC), "because of a change of its Properties"),
    "another resource": (
        change("Listener", by_resource("Other.Arn")),
        "because of the resource 'Other'",
    ),
    "another resource too": (
        change("Listener", by_resource("Cert.Arn"), by_resource("Other")),
        "because of the resource 'Other'",
    ),
    "certificate of another secret": (
        certificate("Other", by_parameter("OtherVersion")),
        "because of the parameter 'OtherVersion'",
    ),
    "certificate and more": (
        certificate("Other", by_parameter(), DIRECT),
        "because of a change of its template",
    ),
    "certificate that is deleted": (
        replace(certificate("Other"), action="Remove"),
        "would delete the resource 'Other'",
    ),
    "nested stack that isn't shown": (
        change("Nested", AUTOMATIC, resource_type=STACK_TYPE),
        "doesn't show what would change in the resource 'Nested'",
    ),
    "nested stack with another parameter": (
        nested_stack("Nested", by_parameter("Size", "Parameters")),
        "because of the parameter 'Size'",
    ),
    "nested stack that can't be reviewed": (
        change(
            "Nested",
            AUTOMATIC,
            resource_type=STACK_TYPE,
            nested=ChangeSet(changes=(), parameters={}, problem="FAILED: no permission"),
        ),
        "In the nested stack 'Nested': FAILED: no permission",
    ),
}
"""Changes that a renewal must not make, and the reasons."""


@pytest.mark.parametrize("name", FOREIGN)
def test_anything_else_is_refused_wherever_it_is(name: str) -> None:
    """Next to what is allowed, anywhere in the list and in a nested stack, it is named."""
    foreign, sentence = FOREIGN[name]
    usual = [CERTIFICATE, certificate("Second")]
    for position in range(len(usual) + 1):
        reason = review(*usual[:position], foreign, *usual[position:])
        assert reason is not None
        assert sentence in reason
    passed = by_parameter(target="Parameters")
    inner = certificate("Inner", by_parameter("P"))
    reason = review(
        CERTIFICATE,
        nested_stack("Stack", passed, changes=(inner, foreign), P=NEW, **{PARAMETER: NEW}),
    )
    # There, a resource called 'Cert' is another one, so the listener may be refused for that.
    assert reason is not None
    assert reason.startswith("In the nested stack 'Stack': ")


def test_cause_is_named_rather_than_what_follows_from_it() -> None:
    """If a refused resource causes other changes, the first one is named."""
    foreign = change("Listener", by_parameter("Port"), by_resource("Cert.Arn"))
    reason = review(RULE, foreign, CERTIFICATE)
    assert reason is not None
    assert "'Listener'" in reason
    assert "the parameter 'Port'" in reason


def test_two_that_refer_to_each_other_are_refused() -> None:
    """Nothing is accepted because of itself."""
    reason = review(CERTIFICATE, change("A", by_resource("B.Id")), change("B", by_resource("A.Id")))
    assert reason is not None
    assert "because of the resource 'B'" in reason


def test_change_set_without_certificates_is_refused() -> None:
    """With nested stacks, a change set has changes even if nothing changes."""
    assert review(nested_stack("Nested")) == "It would change no certificate."
    assert review() == "It would change no certificate."


def test_certificate_in_a_nested_stack() -> None:
    """The nested stack gets the version in a parameter of another name, and nested further."""
    passed = by_parameter(target="Parameters")
    inner = nested_stack(
        "Inner",
        by_parameter("P", "Parameters"),
        changes=(certificate("C", by_parameter("Q")),),
        Q=NEW,
    )
    listener = change("Listener", by_resource("C.Arn"))
    outer = nested_stack("Outer", passed, changes=(inner,), P=NEW)
    assert review(outer) is None
    assert (
        review(
            nested_stack(
                "N", passed, changes=(certificate("C", by_parameter("P")), listener), P=NEW
            )
        )
        is None
    )


def test_consumer_in_another_nested_stack() -> None:
    """A listener there gets the certificate's ARN in a parameter, from an output or a resource."""
    passed = by_parameter(target="Parameters")
    source = nested_stack("A", passed, changes=(certificate("C", by_parameter("P")),), P=NEW)
    listener = change("Listener", by_parameter("Arn", "Certificates"))
    from_output = by_resource("A.Outputs.Arn", "Parameters")
    assert review(source, nested_stack("B", from_output, changes=(listener,), Arn="old")) is None
    from_root = by_resource("Cert.Arn", "Parameters")
    assert review(nested_stack("B", from_root, changes=(listener,), Arn="old"), CERTIFICATE) is None


def test_nested_stack_may_get_what_a_resource_may_not() -> None:
    """The parameter may be passed to a nested stack, and still not be used elsewhere."""
    nested = nested_stack("Nested", by_parameter(target="Parameters"))
    function, _ = FOREIGN["the version elsewhere"]
    for changes in ((CERTIFICATE, nested, function), (function, nested, CERTIFICATE)):
        reason = review(*changes)
        assert reason is not None
        assert "the resource 'Function'" in reason


def test_image_in_a_nested_stack() -> None:
    """A parameter that is read from Systems Manager again isn't one that the parent passes."""
    fleet = change("Fleet", by_parameter("AmiId", "ImageId"))
    reason = review(CERTIFICATE, nested_stack("Nested", changes=(fleet,)))
    assert reason is not None
    assert "In the nested stack 'Nested': " in reason
    assert "the parameter 'AmiId'" in reason


def test_unchanged_nested_stack() -> None:
    """CloudFormation lists every nested stack, because its template might have changed."""
    assert review(CERTIFICATE, LISTENER, nested_stack("Nested")) is None


ANY_CAUSE = st.builds(
    Cause,
    st.sampled_from([("Properties", "A"), ("Properties", "B"), ("Tags", "")]),
    st.sampled_from(
        ["", "ParameterReference", "ResourceReference", "ResourceAttribute", "DirectModification"]
    ),
    st.sampled_from(["", PARAMETER, "Ami", "Cert", "Cert.Arn", "X.Arn", "Y"]),
    is_certain=st.booleans(),
)
ANY_CHANGE = st.builds(
    change,
    st.sampled_from(["X", "Y"]),
    ANY_CAUSE,
    ANY_CAUSE,
    action=st.sampled_from(["Modify", "Modify", "Modify", "Add"]),
    replacement=st.sampled_from(["False", "False", "True"]),
)


@settings(max_examples=50)
@given(ANY_CHANGE)
def test_only_references_to_certificates_are_accepted(made: Change) -> None:
    """Whatever the change of another resource: it is accepted only if it has no cause of its own."""
    references = {"ParameterReference", "ResourceReference", "ResourceAttribute"}
    of_certificate = [
        cause
        for cause in made.causes
        if cause.source in references and cause.entity in {"Cert", "Cert.Arn"}
    ]
    repeats = [
        cause
        for cause in made.causes
        if (cause.source, cause.is_certain) == ("DirectModification", False)
        and cause.target in {each.target for each in of_certificate}
    ]
    expected = (
        made.action == "Modify"
        and made.replacement == "False"
        and bool(of_certificate)
        and all(cause in of_certificate or cause in repeats for cause in made.causes)
    )
    assert (review(CERTIFICATE, made) is None) is expected
