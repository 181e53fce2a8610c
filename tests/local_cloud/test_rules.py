"""The pure parts: store, tags, paging and material, with a clock and a quota of the test's own."""

from __future__ import annotations

from contextlib import nullcontext
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa

from dev.certificates.authority import Fault, self_signed
from dev.certificates.keys import KeyType
from local_cloud.iam.errors import IamError
from local_cloud.iam.listing import page
from local_cloud.iam.material import accept
from local_cloud.iam.parameters import Request
from local_cloud.iam.store import ServerCertificateStore
from local_cloud.iam.tags import Tag, merge, remove
from local_cloud.iam.wire import read_query

if TYPE_CHECKING:
    from support.uploads import Certificates


def store_of(certificates: Certificates, **options: object) -> ServerCertificateStore:
    """Return a store with the certificate www."""
    store = ServerCertificateStore("111122223333", **options)
    store.upload(
        "www", body=certificates.self_signed.pem, private_key=certificates.self_signed.key_pem()
    )
    return store


@pytest.mark.parametrize(
    ("seconds", "verdict"),
    [(-1, "refused"), (0, "accepted"), (3600, "accepted"), (3601, "refused")],
)
def test_validity_includes_both_ends(
    certificates: Certificates, seconds: int, verdict: str
) -> None:
    """A certificate is valid from the second Not Before to the second Not After."""
    made = self_signed(
        at=certificates.at,
        not_before=certificates.at,
        not_after=certificates.at + timedelta(hours=1),
    )
    at = certificates.at + timedelta(seconds=seconds)
    expectation = (
        nullcontext() if verdict == "accepted" else pytest.raises(IamError, match="Malformed")
    )
    with expectation:
        accept(body=made.pem, private_key=made.key_pem(), chain=None, at=at)


def test_checks_come_in_order(certificates: Certificates) -> None:
    """Parsing precedes validity, validity the key pair, the key pair the chain."""
    expired = self_signed(at=certificates.at, fault=Fault.EXPIRED)
    wrong: dict[str, str] = {
        "private_key": certificates.leaf.key_pem(),
        "chain": certificates.leaf.pem,
    }

    def refusal(**changes: str) -> str:
        parameters = {"body": certificates.self_signed.pem} | wrong | changes
        with pytest.raises(IamError) as caught:
            accept(
                body=parameters["body"],
                private_key=parameters["private_key"],
                chain=parameters["chain"],
                at=datetime.now(UTC),
            )
        return caught.value.message

    assert "Unable to parse" in refusal(body=expired.pem, private_key="x")
    assert "no longer valid" in refusal(body=expired.pem)
    assert "do not match" in refusal()
    assert "certificate chain" in refusal(private_key=certificates.self_signed.key_pem())


def test_a_damaged_rsa_key_is_refused(certificates: Certificates) -> None:
    """A key whose secret numbers don't belong to its public ones can't be read."""
    made = self_signed(at=certificates.at, key_type=KeyType.RSA)
    numbers = made.private_key.private_numbers()
    damaged = rsa.RSAPrivateNumbers(
        numbers.p,
        numbers.q,
        numbers.d + 2,
        numbers.dmp1,
        numbers.dmq1,
        numbers.iqmp,
        numbers.public_numbers,
    ).private_key(unsafe_skip_rsa_key_validation=True)
    with pytest.raises(IamError, match="Unable to parse"):
        accept(
            body=made.pem,
            private_key=replace(made, private_key=damaged).key_pem(),
            chain=None,
            at=datetime.now(UTC),
        )


def test_the_quota_counts_before_the_material(certificates: Certificates) -> None:
    """A full account says so whatever is uploaded, and takes one more after a deletion."""
    store = store_of(certificates, quota=1)
    with pytest.raises(IamError, match="ServerCertificatesPerAccount: 1"):
        store.upload("next", body="nonsense", private_key="nonsense")
    store.delete("www")
    store.upload(
        "next", body=certificates.self_signed.pem, private_key=certificates.self_signed.key_pem()
    )


def test_the_clock_dates_uploads(certificates: Certificates) -> None:
    """The upload date is the clock's, to the second."""
    at = certificates.at + timedelta(hours=1, microseconds=5)
    store = store_of(certificates, clock=lambda: at)
    assert store.get("www").upload_date == at.replace(microsecond=0)


def test_ids_are_unique(certificates: Certificates) -> None:
    """No two certificates share an id, and a deleted one's isn't given to its successor."""
    store = store_of(certificates)
    first = store.get("www").certificate_id
    store.delete("www")
    store.upload(
        "www", body=certificates.self_signed.pem, private_key=certificates.self_signed.key_pem()
    )
    assert store.get("www").certificate_id != first


def test_tag_keys_are_case_sensitive() -> None:
    """Two spellings are two keys, also when they are removed; an unknown key is not an error."""
    merged = merge((Tag("b", "1"), Tag("C", "2")), (Tag("B", "3"), Tag("C", "4")))
    assert merged == (Tag("b", "1"), Tag("C", "4"), Tag("B", "3"))
    assert remove(merged, ["c", "b", "unknown"]) == (Tag("C", "4"), Tag("B", "3"))


@pytest.mark.parametrize("marker", ["nonsense", "dmFsaWQ=", "\u00fc", "djE6/w=="])
def test_a_marker_of_nobody_is_refused(marker: str) -> None:
    """Only markers that a page carried are taken."""
    with pytest.raises(IamError, match="Invalid Marker"):
        page(["a"], position=str, marker=marker)


def test_the_last_page_has_no_marker() -> None:
    """A page that ends with the last item says that it is the last."""
    assert page("ab", position=str, max_items=2).marker is None
    assert page("abc", position=str, max_items=2).marker is not None


def test_an_empty_field_differs_from_an_absent_one() -> None:
    """An empty list of tags is given and fine; none at all is refused."""
    with Request(read_query(b"Tags=", {})) as request:
        assert request.required_tags() == ()
    with pytest.raises(IamError, match="tags"), Request({}) as request:
        request.required_tags()


def test_max_items_must_be_a_number() -> None:
    """What SDKs never send is refused, too."""
    with pytest.raises(IamError, match="MalformedInput"):
        Request({"MaxItems": "many"}).max_items()


def test_consumers_learn_of_a_new_place_later(certificates: Certificates) -> None:
    """The time since a certificate was uploaded, renamed or moved counts, whatever else changed."""
    seconds = 0.0
    store = store_of(certificates, stopwatch=lambda: seconds)

    def is_known() -> bool:
        return bool(list(store.known_for(10)))

    for changes in ({}, {"new_name": "www2"}, {"new_path": "/x/"}):
        store.update("www2" if store.find("www2") else "www", **changes)
        seconds += 9.9
        assert not is_known()
        seconds += 0.1
        assert is_known()
    store.update("www2", new_name="www2", new_path="/x/")
    store.tag("www2", [Tag("k", "v")])
    assert is_known()
