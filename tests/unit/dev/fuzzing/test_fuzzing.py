"""The fuzzer's parts: its initial inputs are valid, and failures are reported."""

from __future__ import annotations

import dataclasses
import random

import pytest

from dev.certificates.authority import NOW, Authority
from dev.fuzzing import trial
from dev.fuzzing.mutation import mutate
from dev.fuzzing.seeds import bystanders, seeds
from dev.fuzzing.structure import mutate_der, parse
from dev.fuzzing.trial import BrokenError, Part, decode, encode, try_out

BYSTANDERS = bystanders()
SEEDS = tuple(seeds())
LEAF = Authority.root().leaf()


@pytest.mark.no_cover
def test_seeds_hold() -> None:
    """No form of any material breaks what the fuzzer watches; the slow tests try all of them."""
    for content in SEEDS[::5]:
        try_out(content, BYSTANDERS)


def test_inputs_are_read_as_they_are_written() -> None:
    """What an input is given as, its parts and whether there is a passphrase come back."""
    assert decode(encode(Part.CHAIN, b"text")) == (Part.CHAIN, (b"text",), False)
    assert decode(encode(Part.ALL, b"a", b"", b"c", passphrase=True)) == (
        Part.ALL,
        (b"a", b"", b"c"),
        True,
    )
    assert decode(b"") == (Part.BUNDLE, (b"",), False)


def test_any_octets_are_an_input() -> None:
    """Whatever comes out of a mutation can be tried."""
    chance = random.Random(1)  # noqa: S311 (the same each time)
    for _ in range(200):
        try_out(chance.randbytes(chance.randrange(40)), BYSTANDERS)


def test_a_quoted_secret_breaks() -> None:
    """A message that contains a part of a secret is reported without the secret."""
    expired = Authority.root().leaf("secret.example.com", not_after=NOW.replace(year=2029))
    nosy = dataclasses.replace(BYSTANDERS, secrets=frozenset({"secret.example.com"}))
    with pytest.raises(BrokenError, match=r"^A finding quotes a secret\.$"):
        try_out(encode(Part.CERTIFICATE, expired.pem.encode()), nosy)


def test_slowness_breaks(monkeypatch: pytest.MonkeyPatch) -> None:
    """An input that exceeds the time limit is reported."""
    monkeypatch.setattr(trial, "MAX_SECONDS", -1)
    with pytest.raises(BrokenError, match=r"It took 0\.\d s\."):
        try_out(SEEDS[0], BYSTANDERS)


def test_mutations_repeat_themselves_and_keep_to_the_limit() -> None:
    """One seed of chance, one mutation; never longer than it may be; and others now and then."""
    text = encode(Part.CERTIFICATE, LEAF.pem.encode())

    def change(octets: bytes, size: int) -> bytes:
        return (b"x" + octets)[:size]

    made = [mutate(text, len(text) + 9, seed, change) for seed in range(60)]
    assert made == [mutate(text, len(text) + 9, seed, change) for seed in range(60)]
    assert max(map(len, made)) <= len(text) + 9
    assert len(set(made)) > 10
    for content in made:
        try_out(content, BYSTANDERS)


def test_structure_is_taken_apart_and_put_together() -> None:
    """Keys, certificates and bundles come out of it as they went in, down to strings that hold DER."""
    for octets in (LEAF.der, LEAF.key_der(), LEAF.pkcs12("word")):
        roots = parse(octets)
        assert roots is not None
        assert b"".join(root.encoded() for root in roots) == octets
    (bundle,) = parse(LEAF.pkcs12(None)) or ()
    assert any(LEAF.der == node.encoded() for node in bundle.nodes())
    assert parse(b"text") is None


def test_structure_stays_sound_when_it_changes() -> None:
    """Most changes leave DER that can be taken apart again, and none of them is the same."""

    def change(octets: bytes, size: int) -> bytes:
        return (octets + b"x")[:size]

    bundle = LEAF.pkcs12("word")
    made = [mutate_der(bundle, random.Random(seed), change) for seed in range(200)]  # noqa: S311
    assert sum(parse(octets or b"") is not None for octets in made) > 100
    assert len(set(made)) > 100
    for octets in made:
        try_out(encode(Part.BUNDLE, octets or b"", passphrase=True), BYSTANDERS)


def test_greed_breaks(monkeypatch: pytest.MonkeyPatch) -> None:
    """An input that exceeds the memory limit is reported."""
    monkeypatch.setattr(trial, "MAX_KIBIBYTES", -1)
    with pytest.raises(BrokenError, match=r"It took [\d,]+ KiB of memory\."):
        try_out(SEEDS[0], BYSTANDERS)
