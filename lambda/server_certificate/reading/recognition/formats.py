"""Recognize binary files by their first bytes, and explain how to convert them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from server_certificate.der import OBJECT_IDENTIFIER, SEQUENCE, DerError, first, head

if TYPE_CHECKING:
    from server_certificate.der import Value

_FROM_KEYSTORE = (
    "Convert it: keytool -importkeystore -srckeystore {source}{options} -destkeystore bundle.p12"
    " -deststoretype PKCS12"
)
_UNPACK = "Unpack it: "
_PROVIDER = " -provider org.bouncycastle.jce.provider.BouncyCastleProvider -providerpath bcprov.jar"
_NSS = (
    "Export it with NSS in the database's directory: pk12util -d . -n NICKNAME -o bundle.p12. To"
    " list the nicknames, run certutil -L -d ."
)


@dataclass(frozen=True, slots=True)
class RecognizedFormat:
    """A format that was not expected."""

    name: str
    """A noun phrase, such as ``"a path or the name of a file"``. It never quotes the input."""

    fix: str
    """How to fix it; ``{source}`` is replaced with the name of the input's file."""

    usual: str = "file"
    """The name of the file in the fix if the input isn't from a file."""

    is_private_key: bool = False
    """Whether it is a private key, which is not allowed in place of a certificate."""


def _keystore(name: str, usual: str, options: str = "") -> RecognizedFormat:
    return RecognizedFormat(name, _FROM_KEYSTORE.replace("{options}", options), usual)


_MAGIC = (
    (b"\xfe\xed\xfe\xed", _keystore("a Java keystore (JKS)", "keystore.jks")),
    (
        b"\xce\xce\xce\xce",
        _keystore("a Java keystore (JCEKS)", "keystore.jceks", " -srcstoretype JCEKS"),
    ),
    (
        b"\0\0\0\2\0\0\0\x14",
        _keystore(
            "a Bouncy Castle keystore (BKS)", "keystore.bks", f" -srcstoretype BKS{_PROVIDER}"
        ),
    ),
    (
        b"\0\0\0\1\0\0\0\x14",
        _keystore(
            "a Bouncy Castle keystore (BKS or UBER)",
            "keystore.bks",
            f" -srcstoretype BKS{_PROVIDER}",
        ),
    ),
    (
        b"\x1e\xf1\xb5\xb0",
        RecognizedFormat(
            "a private key in Microsoft's PVK format",
            "Convert it: openssl rsa -inform PVK -in {source} -out private-key.pem",
            "private-key.pvk",
            is_private_key=True,
        ),
    ),
    (
        b"\x07\x02\0\0\0\xa4\0\0RSA2",
        RecognizedFormat(
            "a private key in Microsoft's BLOB format",
            "Convert it: openssl rsa -inform MSBLOB -in {source} -out private-key.pem",
            "private-key.blob",
            is_private_key=True,
        ),
    ),
    (
        b"\0\0\0\0CERT",
        RecognizedFormat(
            "a serialized certificate store (SST)",
            "Open it in Windows, and export each certificate as Base-64 encoded X.509.",
        ),
    ),
    (b"SQLite format 3\0", RecognizedFormat("an SQLite database, such as cert9.db of NSS", _NSS)),
    (b"\x00\x06\x15\x61", RecognizedFormat("a Berkeley database, such as cert8.db of NSS", _NSS)),
    (b"\x61\x15\x06\x00", RecognizedFormat("a Berkeley database, such as cert8.db of NSS", _NSS)),
    (
        b"\0GITCRYPT\0",
        RecognizedFormat(
            "a file encrypted with git-crypt", "Decrypt it in its repository: git-crypt unlock"
        ),
    ),
    (
        b"Salted__",
        RecognizedFormat(
            "a file encrypted with openssl enc",
            "Decrypt it with the options it was encrypted with, for example: openssl enc -d"
            " -aes-256-cbc -pbkdf2 -in {source} -out decrypted.pem",
            "encrypted.bin",
        ),
    ),
    (
        b"\1\2\2\0x",
        RecognizedFormat(
            "data encrypted with AWS KMS",
            "Decrypt it: aws kms decrypt --ciphertext-blob fileb://{source} --query Plaintext"
            " --output text | base64 --decode > decrypted.pem",
            "encrypted.bin",
        ),
    ),
    (
        b"\x1f\x8b",
        RecognizedFormat("a gzip archive", _UNPACK + "gzip -dc {source} > unpacked", "it.gz"),
    ),
    (
        b"\x1f\x9d",
        RecognizedFormat("a .Z archive", _UNPACK + "gzip -dc {source} > unpacked", "it.Z"),
    ),
    (
        b"PK\5\6",
        RecognizedFormat("an empty ZIP archive", "Provide the file that it should contain."),
    ),
    (b"\xac\xed\0\5", RecognizedFormat("a serialized Java object", "Provide the original file.")),
    (
        b"BZh",
        RecognizedFormat("a bzip2 archive", _UNPACK + "bzip2 -dc {source} > unpacked", "it.bz2"),
    ),
    (
        b"\xfd7zXZ\0",
        RecognizedFormat("an xz archive", _UNPACK + "xz -dc {source} > unpacked", "it.xz"),
    ),
    (
        b"\x28\xb5\x2f\xfd",
        RecognizedFormat("a Zstandard archive", _UNPACK + "zstd -dc {source} > unpacked", "it.zst"),
    ),
    (b"7z\xbc\xaf\x27\x1c", RecognizedFormat("a 7z archive", _UNPACK + "7z x {source}", "it.7z")),
    (b"Rar!\x1a\x07", RecognizedFormat("a RAR archive", _UNPACK + "unrar x {source}", "it.rar")),
    (b"MSCF", RecognizedFormat("a cabinet archive", _UNPACK + "cabextract {source}", "it.cab")),
    (
        b"%PDF-",
        RecognizedFormat(
            "a PDF document", "Download the certificate file itself from the certificate authority."
        ),
    ),
    (
        b"{\\rtf",
        RecognizedFormat(
            "a rich text document (RTF)",
            "Save it as plain text: in TextEdit with Format > Make Plain Text, or on the macOS"
            " command line with textutil -convert txt -output plain.pem {source}",
            "document.rtf",
        ),
    ),
    (
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",
        RecognizedFormat("a Microsoft Office document", "Save it as plain text."),
    ),
    (
        b"\x89PNG\r\n",
        RecognizedFormat("an image (PNG)", "Provide the file itself, not a picture of it."),
    ),
    (
        b"\xff\xd8\xff",
        RecognizedFormat("an image (JPEG)", "Provide the file itself, not a picture of it."),
    ),
    (
        b"\0\5\x16\7",
        RecognizedFormat(
            "an AppleDouble file, which macOS writes next to the real one",
            "Provide the file with the same name without the ._ prefix.",
        ),
    ),
    *(
        (
            mark,
            RecognizedFormat(
                "UTF-16 text",
                "Save it as UTF-8: iconv -f UTF-16 -t UTF-8 {source} > converted.pem",
                "original.pem",
            ),
        )
        for mark in (b"\xff\xfe", b"\xfe\xff")
    ),
    (b"bplist00", RecognizedFormat("a binary property list", "Provide only the certificate.")),
    (
        b"openssh-key-v1\0",
        RecognizedFormat(
            "an OpenSSH private key",
            "Provide it with its BEGIN and END lines, as in the generated file.",
            is_private_key=True,
        ),
    ),
    *(
        (
            magic,
            RecognizedFormat(
                "an OpenPGP message",
                "Decrypt it: gpg --output decrypted.pem --decrypt {source}",
                "encrypted.gpg",
            ),
        )
        for magic in (
            b"\x85\1\x0c\3",
            b"\x85\1\x8c\3",
            b"\x85\2\x0c\3",
            b"\x84\x8c\3",
            b"\x84^\3",
            b"\x8c\r\4",
        )
    ),
)

_BEGINNINGS = tuple(magic for magic, _ in _MAGIC)

_ZIP = b"PK\x03\x04"
_OFFICE = (b"[Content_Types].xml", b"word/", b"xl/", b"mimetypeapplication/vnd.oasis")
_TAR_MAGIC, _TAR_OFFSET = b"ustar", 257

_EBCDIC_BEGIN = b"\xc2\xc5\xc7\xc9\xd5\x40"
"""``BEGIN`` and a space in all EBCDIC code pages."""

_LOOKED_AT = 4096
_LONG_LENGTHS = range(0x81, 0x85)
_SIGNED_BY_PASSWORD = [SEQUENCE, 0x04]
_ENCRYPTED = "an encrypted message (CMS)"
_MESSAGES = {
    "2a864886f70d010701": ("a message (CMS)", "Extract its content: openssl cms -data_out"),
    "2a864886f70d010703": (_ENCRYPTED, "Decrypt it: openssl cms -decrypt -inkey recipient.pem"),
    "2a864886f70d010705": (
        "a message (CMS)",
        "Extract its content: openssl cms -digest_verify",
    ),
    "2a864886f70d010706": (
        _ENCRYPTED,
        "Decrypt it: openssl cms -EncryptedData_decrypt -secretkey HEXADECIMAL",
    ),
    "2a864886f70d0109100109": (
        "a compressed message (CMS)",
        "Unpack it: openssl cms -uncompress",
    ),
    "2a864886f70d0109100117": (
        _ENCRYPTED,
        "Decrypt it: openssl cms -decrypt -inkey recipient.pem",
    ),
}
"""Content types of CMS (RFC 5652; RFC 3274; RFC 5083) that contain no usable certificates."""
_ENUMERATED, _INTEGER, _CONTEXT_0 = 0x0A, 0x02, 0xA0


def recognize_binary(octets: bytes) -> RecognizedFormat | None:
    """
    Recognize binary data in a format that can't be read.

    Returns:
        The format; None if it may be text.
    """
    if octets.startswith(_BEGINNINGS):
        return next(it for magic, it in _MAGIC if octets.startswith(magic))
    if octets.startswith(_ZIP):
        if any(sign in octets[:_LOOKED_AT] for sign in _OFFICE):
            return RecognizedFormat("an office document", "Save it as plain text.")
        return RecognizedFormat("a ZIP archive", "Unpack it: unzip {source}", "it.zip")
    if octets[_TAR_OFFSET : _TAR_OFFSET + len(_TAR_MAGIC)] == _TAR_MAGIC:
        return RecognizedFormat("a tar archive", "Unpack it: tar -xf {source}", "it.tar")
    if _EBCDIC_BEGIN in octets[:_LOOKED_AT]:
        return RecognizedFormat(
            "EBCDIC text",
            "Transfer it in text mode, or convert it: iconv -f IBM1047 -t UTF-8 {source} >"
            " converted.pem",
            "original.pem",
        )
    return _der(octets)


def _der(octets: bytes) -> RecognizedFormat | None:
    """Recognize DER formats that contain neither certificates nor private keys."""
    (outermost,) = head(octets)[:1] or (None,)
    if outermost is None or outermost.tag not in {SEQUENCE, OBJECT_IDENTIFIER}:
        return None
    parts = _parts(outermost)
    tags = [part.tag for part in parts]
    if it := _by_outline(parts, tags):
        return it
    # The second byte of text is never a length in long form.
    if octets[:1] == b"0" and octets[1:2] and octets[1] in _LONG_LENGTHS:
        try:
            first(octets)
        except DerError:
            return RecognizedFormat("truncated DER", "Copy the file again as binary data.")
    return None


def _by_outline(parts: list[Value], tags: list[int]) -> RecognizedFormat | None:
    if tags[:1] == [_ENUMERATED] and tags[1:] in ([], [_CONTEXT_0]):
        return RecognizedFormat("an OCSP response", "Provide the certificate that it is about.")
    if tags == [SEQUENCE, SEQUENCE]:
        inner, other = ([part.tag for part in _parts(each)] for each in parts)
        if inner[:1] == [_INTEGER] and other[:1] == [OBJECT_IDENTIFIER]:
            return RecognizedFormat("a timestamp", "Provide only the certificate.")
        if inner == _SIGNED_BY_PASSWORD:
            options = f" -srcstoretype BCFKS{_PROVIDER}"
            return _keystore("a Bouncy Castle keystore (BCFKS)", "keystore.bcfks", options)
    if tags[:1] == [OBJECT_IDENTIFIER] and (form := _MESSAGES.get(parts[0].content.hex())):
        name, action = form
        fix = f"{action} -inform DER -in {{source}} -out content.pem"
        return RecognizedFormat(name, fix, "smime.p7m")
    return None


def _parts(value: Value) -> list[Value]:
    return head(value.octets, value.start, value.end)
