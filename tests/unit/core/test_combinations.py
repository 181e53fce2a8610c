"""Parts that are given together: a bundle with a chain, with a key, with a passphrase for either."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from dev.certificates.authority import NOW, Authority, to_pkcs7
from dev.certificates.forms import PASSPHRASE
from server_certificate.assessment import Assessment, Criteria, Given, Input, assess
from server_certificate.contract.combinations import InvalidCombination, check_combination
from support.findings import places

LEAF = Authority.root().intermediate().leaf()
KEY = Input.of_text(LEAF.key_pem())
CHAIN = Input.of_text(LEAF.chain_pem())


def assess_now(given: Given) -> Assessment:
    """Assess material now."""
    return assess(given, Criteria(at=NOW))


@pytest.mark.parametrize(
    "given",
    [
        Given(bundle=Input(replace(LEAF, issuers=()).pkcs12(PASSPHRASE)), chain=CHAIN),
        Given(
            bundle=Input(replace(LEAF, issuers=()).pkcs12(PASSPHRASE)),
            chain=Input(to_pkcs7(*LEAF.issuers)),
        ),
        Given(bundle=Input(LEAF.pkcs12(PASSPHRASE)), chain=CHAIN),
        Given(bundle=Input(LEAF.pkcs12(PASSPHRASE)), private_key=KEY),
        Given(bundle=Input(to_pkcs7(LEAF, *LEAF.issuers, encoding="DER")), private_key=KEY),
        Given(bundle=Input.of_text(LEAF.fullchain_pem(root=True)), private_key=KEY),
        Given(bundle=Input.of_text(LEAF.fullchain_pem()), chain=CHAIN, private_key=KEY),
        Given(
            bundle=Input.of_text(LEAF.fullchain_pem(root=True)),
            private_key=Input.of_text(LEAF.key_pem(password=PASSPHRASE)),
        ),
        Given(
            bundle=Input.of_text(json.dumps({"certificate": LEAF.pem})),
            chain=CHAIN,
            private_key=KEY,
        ),
        Given(
            bundle=Input.of_text(
                json.dumps({"certificate": LEAF.pem, "privateKey": LEAF.key_pem()})
            ),
            chain=CHAIN,
            private_key=KEY,
        ),
    ],
)
def test_what_a_bundle_lacks_comes_with_it(given: Given) -> None:
    """The bundle and what is given with it make one certificate, and a key that comes twice is one."""
    result = assess_now(replace(given, passphrase=PASSPHRASE))
    assert result.accepted, result.findings
    assert result.public is not None
    assert result.public.der == (LEAF.der, *LEAF.chain_der())
    assert result.private_key is not None


@pytest.mark.parametrize(
    "bundle",
    [
        LEAF.pkcs12(None),
        (LEAF.fullchain_pem() + LEAF.key_pem()).encode(),
        json.dumps({"certificate": LEAF.pem, "privateKey": LEAF.key_pem()}).encode(),
    ],
)
def test_key_of_another_certificate_next_to_the_bundles_own(bundle: bytes) -> None:
    """Two different keys are an error that names both."""
    other = Input.of_text(LEAF.with_other_key().key_pem())
    result = assess_now(Given(bundle=Input(bundle), chain=CHAIN, private_key=other))
    assert ("several-private-keys", "private-key") in places(result.findings)
    assert result.private_key is None


def test_key_twice_in_one_bundle_is_one() -> None:
    """Repeating the key loses nothing."""
    bundle = LEAF.key_pem() + LEAF.fullchain_pem(root=True) + LEAF.key_pem()
    assert assess_now(Given(bundle=Input.of_text(bundle))).accepted


def test_notes_on_the_passphrase_explain_a_closed_key() -> None:
    """Notes about the passphrase are reported if it doesn't open the key."""
    given = Given(
        bundle=Input(LEAF.pkcs12(PASSPHRASE)),
        passphrase=f"{PASSPHRASE} ",
        passphrase_notes=("It ends with a blank.",),
    )
    (wrong,) = (item for item in assess_now(given).findings if item.code == "passphrase-wrong")
    assert wrong.fix.endswith("About the passphrase: It ends with a blank.")
    opened = assess_now(replace(given, passphrase=PASSPHRASE))
    assert "It ends" not in str([str(item) for item in opened.findings])


@pytest.mark.parametrize(
    ("given", "problem"),
    [
        ({"certificate"}, InvalidCombination.NO_PRIVATE_KEY),
        ({"certificate", "private-key"}, None),
        ({"certificate", "private-key", "chain"}, None),
        ({"bundle"}, None),
        ({"bundle", "chain"}, None),
        ({"bundle", "private-key"}, None),
        ({"bundle", "certificate"}, InvalidCombination.TWO_CERTIFICATES),
        ({"private-key", "chain"}, InvalidCombination.NO_CERTIFICATE),
        (set(), InvalidCombination.NO_CERTIFICATE),
    ],
)
def test_table_of_combinations(given: set[str], problem: InvalidCombination | None) -> None:
    """Each combination of parts is either valid or has its problem."""
    assert check_combination(given, is_upload=True) is problem
    without_upload = None if problem is InvalidCombination.NO_PRIVATE_KEY else problem
    assert check_combination(given, is_upload=False) is without_upload
