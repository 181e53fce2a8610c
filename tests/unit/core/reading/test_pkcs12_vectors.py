"""The test vectors of RFC 9579, appendix A: bundles with a MAC with PBMAC1, valid and invalid."""

from __future__ import annotations

from base64 import b64decode
from pathlib import Path

import pytest

from server_certificate.budget import Budget
from server_certificate.der import SEQUENCE, DerError, encode, parts, whole
from server_certificate.reading.pkcs12 import BundleModifiedError, BundlePassphraseError, read_bags

FOLDER = Path(__file__).parent / "rfc9579"
WORD = "1234"  # the passphrase of all of them

WRONG_ITERATIONS = (
    "MH0wbTBJBgkqhkiG9w0BBQ4wPDAsBgkqhkiG9w0BBQwwHwQIb0c8OLAuMXMCAggBAgEgMAwGCCqGSIb3DQIJBQAwDAYI"
    "KoZIhvcNAgkFAAQgeqVthTnXAjY/O80uuDVFxt+iuWlw5xR3LSJOQX+JBt0ECE5PVCBVU0VEAgIIAA=="
)
WRONG_SALT = (
    "MHwwbTBJBgkqhkiG9w0BBQ4wPDAsBgkqhkiG9w0BBQwwHwQITk9UIFVTRUQCAggAAgEgMAwGCCqGSIb3DQIJBQAwDAYI"
    "KoZIhvcNAgkFAAQgeqVthTnXAjY/O80uuDVFxt+iuWlw5xR3LSJOQX+JBt0ECG9HPDiwLjFzAgEB"
)
NO_KEY_LENGTH = (
    "MHowajBGBgkqhkiG9w0BBQ4wOTApBgkqhkiG9w0BBQwwHAQIb0c8OLAuMXMCAggAMAwGCCqGSIb3DQIJBQAwDAYIKoZI"
    "hvcNAgkFAAQgeqVthTnXAjY/O80uuDVFxt+iuWlw5xR3LSJOQX+JBt0ECG9HPDiwLjFzAgIIAA=="
)
"""What the invalid bundles, A.4 to A.6, have in the place of the MacData of the first."""


def vector(name: str) -> bytes:
    """Read a bundle."""
    return b64decode((FOLDER / f"{name}.txt").read_text())


@pytest.mark.parametrize("name", ["a1", "a2", "a3"])
def test_valid_bundles_are_opened(name: str) -> None:
    """SHA-256 and SHA-512, as the HMAC and as the function in PBKDF2."""
    bags = read_bags(vector(name), WORD, Budget())
    assert (len(bags.certificates), len(bags.private_keys)) == (1, 1)
    assert bags.is_protected
    with pytest.raises(BundlePassphraseError):
        read_bags(vector(name), "12345", Budget())


@pytest.mark.parametrize(
    ("mac", "error"),
    [
        (WRONG_ITERATIONS, BundleModifiedError),
        (WRONG_SALT, BundleModifiedError),
        (NO_KEY_LENGTH, DerError),
    ],
    ids=["A.4", "A.5", "A.6"],
)
def test_invalid_bundles_are_refused(mac: str, error: type[Exception]) -> None:
    """Iterations and salt of the usual MAC mean nothing, and the length of the key must be there."""
    version, content, _ = parts(whole(vector("a1")))
    bundle = encode(SEQUENCE, version.encoded, content.encoded, b64decode(mac))
    with pytest.raises(error):
        read_bags(bundle, WORD, Budget())
