"""Files of other formats, by their first octets, and how to get a certificate or key out of them."""

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
    "Export it with NSS, in the folder of the database: pk12util -d . -n NICKNAME -o bundle.p12;"
    " certutil -L -d . lists the nicknames."
)


@dataclass(frozen=True, slots=True)
class Recognised:
    """Something that is not what was wanted."""

    name: str
    """A noun phrase, such as ``"a path or the name of a file"``; it quotes nothing."""

    fix: str
    """What to do about it; ``{source}`` stands for the name of the input's file."""

    usual: str = "file"
    """What to call the file in the fix when the input is none."""

    is_private_key: bool = False
    """Whether it is a private key, which must not stand among certificates."""


def _keystore(name: str, usual: str, options: str = "") -> Recognised:
    return Recognised(name, _FROM_KEYSTORE.replace("{options}", options), usual)


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
        Recognised(
            "a private key in Microsoft's PVK format",
            "Convert it: openssl rsa -inform PVK -in {source} -out private-key.pem",
            "private-key.pvk",
            is_private_key=True,
        ),
    ),
    (
        b"\x07\x02\0\0\0\xa4\0\0RSA2",
        Recognised(
            "a private key in Microsoft's BLOB format",
            "Convert it: openssl rsa -inform MSBLOB -in {source} -out private-key.pem",
            "private-key.blob",
            is_private_key=True,
        ),
    ),
    (
        b"\0\0\0\0CERT",
        Recognised(
            "a serialized certificate store (SST)",
            "Open it in Windows, and export each certificate as Base-64 encoded X.509.",
        ),
    ),
    (b"SQLite format 3\0", Recognised("an SQLite database, such as cert9.db of NSS", _NSS)),
    (b"\x00\x06\x15\x61", Recognised("a Berkeley database, such as cert8.db of NSS", _NSS)),
    (b"\x61\x15\x06\x00", Recognised("a Berkeley database, such as cert8.db of NSS", _NSS)),
    (
        b"\0GITCRYPT\0",
        Recognised(
            "a file that git-crypt encrypted", "Decrypt it, in its repository: git-crypt unlock"
        ),
    ),
    (
        b"Salted__",
        Recognised(
            "a file that openssl enc encrypted",
            "Decrypt it as it was encrypted, such as with: openssl enc -d -aes-256-cbc -pbkdf2"
            " -in {source} -out decrypted.pem",
            "encrypted.bin",
        ),
    ),
    (
        b"\1\2\2\0x",
        Recognised(
            "data that AWS KMS encrypted",
            "Decrypt it: aws kms decrypt --ciphertext-blob fileb://{source} --query Plaintext"
            " --output text | base64 --decode > decrypted.pem",
            "encrypted.bin",
        ),
    ),
    (b"\x1f\x8b", Recognised("a gzip archive", _UNPACK + "gzip -dc {source} > unpacked", "it.gz")),
    (b"\x1f\x9d", Recognised("a .Z archive", _UNPACK + "gzip -dc {source} > unpacked", "it.Z")),
    (b"PK\5\6", Recognised("an empty ZIP archive", "Give the file that was to be in it.")),
    (b"\xac\xed\0\5", Recognised("a serialized Java object", "Give the file itself.")),
    (b"BZh", Recognised("a bzip2 archive", _UNPACK + "bzip2 -dc {source} > unpacked", "it.bz2")),
    (b"\xfd7zXZ\0", Recognised("an xz archive", _UNPACK + "xz -dc {source} > unpacked", "it.xz")),
    (
        b"\x28\xb5\x2f\xfd",
        Recognised("a Zstandard archive", _UNPACK + "zstd -dc {source} > unpacked", "it.zst"),
    ),
    (b"7z\xbc\xaf\x27\x1c", Recognised("a 7z archive", _UNPACK + "7z x {source}", "it.7z")),
    (b"Rar!\x1a\x07", Recognised("a RAR archive", _UNPACK + "unrar x {source}", "it.rar")),
    (b"MSCF", Recognised("a cabinet archive", _UNPACK + "cabextract {source}", "it.cab")),
    (
        b"%PDF-",
        Recognised("a PDF document", "Get the file itself from the certificate authority."),
    ),
    (
        b"{\\rtf",
        Recognised(
            "a rich text document (RTF)",
            "Save it as plain text: in TextEdit by Format > Make Plain Text, on the command line of"
            " macOS by textutil -convert txt -output plain.pem {source}",
            "document.rtf",
        ),
    ),
    (
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",
        Recognised("a document of Microsoft Office", "Save it as plain text."),
    ),
    (b"\x89PNG\r\n", Recognised("a picture (PNG)", "Get the file itself, not a picture of it.")),
    (b"\xff\xd8\xff", Recognised("a picture (JPEG)", "Get the file itself, not a picture of it.")),
    (
        b"\0\5\x16\7",
        Recognised(
            "an AppleDouble file, which macOS writes next to the real one",
            "Give the file of the same name without ._ at its beginning.",
        ),
    ),
    *(
        (
            mark,
            Recognised(
                "UTF-16 text",
                "Save it as UTF-8: iconv -f UTF-16 -t UTF-8 {source} > converted.pem",
                "original.pem",
            ),
        )
        for mark in (b"\xff\xfe", b"\xfe\xff")
    ),
    (b"bplist00", Recognised("a binary property list", "Give the certificate by itself.")),
    (
        b"openssh-key-v1\0",
        Recognised(
            "an OpenSSH private key",
            "Give it with its BEGIN and END lines, as they are in the file that was generated.",
            is_private_key=True,
        ),
    ),
    *(
        (
            magic,
            Recognised(
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
"""``BEGIN`` and a blank, in all code pages of EBCDIC."""

_LOOKED_AT = 4096
_LONG_LENGTHS = range(0x81, 0x85)
_SIGNED_BY_PASSWORD = [SEQUENCE, 0x04]
_ENCRYPTED = "an encrypted message (CMS)"
_MESSAGES = {
    "2a864886f70d010701": ("a message (CMS)", "Take its content out: openssl cms -data_out"),
    "2a864886f70d010703": (_ENCRYPTED, "Decrypt it: openssl cms -decrypt -inkey recipient.pem"),
    "2a864886f70d010705": (
        "a message (CMS)",
        "Take its content out: openssl cms -digest_verify",
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
"""Content types of CMS (RFC 5652; RFC 3274; RFC 5083) that hold no certificates for us."""
_ENUMERATED, _INTEGER, _CONTEXT_0 = 0x0A, 0x02, 0xA0


def recognise_octets(octets: bytes) -> Recognised | None:
    """
    Recognise data that is neither text nor anything that is read.

    Returns:
        What it is; None when it may be text.
    """
    if octets.startswith(_BEGINNINGS):
        return next(it for magic, it in _MAGIC if octets.startswith(magic))
    if octets.startswith(_ZIP):
        if any(sign in octets[:_LOOKED_AT] for sign in _OFFICE):
            return Recognised("a document of an office program", "Save it as plain text.")
        return Recognised("a ZIP archive", "Unpack it: unzip {source}", "it.zip")
    if octets[_TAR_OFFSET : _TAR_OFFSET + len(_TAR_MAGIC)] == _TAR_MAGIC:
        return Recognised("a tar archive", "Unpack it: tar -xf {source}", "it.tar")
    if _EBCDIC_BEGIN in octets[:_LOOKED_AT]:
        return Recognised(
            "EBCDIC text",
            "Transfer it as text, or convert it: iconv -f IBM1047 -t UTF-8 {source} >"
            " converted.pem",
            "original.pem",
        )
    return _der(octets)


def _der(octets: bytes) -> Recognised | None:
    """Recognise DER of a kind that holds neither certificates nor keys."""
    (outermost,) = head(octets)[:1] or (None,)
    if outermost is None or outermost.tag not in {SEQUENCE, OBJECT_IDENTIFIER}:
        return None
    parts = _parts(outermost)
    tags = [part.tag for part in parts]
    if it := _by_outline(parts, tags):
        return it
    # No text has the long form of a length as its second octet.
    if octets[:1] == b"0" and octets[1:2] and octets[1] in _LONG_LENGTHS:
        try:
            first(octets)
        except DerError:
            return Recognised("DER that is cut short", "Get the file again, as binary data.")
    return None


def _by_outline(parts: list[Value], tags: list[int]) -> Recognised | None:
    if tags[:1] == [_ENUMERATED] and tags[1:] in ([], [_CONTEXT_0]):
        return Recognised("an OCSP response", "Give the certificate that it is about.")
    if tags == [SEQUENCE, SEQUENCE]:
        inner, other = ([part.tag for part in _parts(each)] for each in parts)
        if inner[:1] == [_INTEGER] and other[:1] == [OBJECT_IDENTIFIER]:
            return Recognised("a timestamp", "Give the certificate by itself.")
        if inner == _SIGNED_BY_PASSWORD:
            options = f" -srcstoretype BCFKS{_PROVIDER}"
            return _keystore("a Bouncy Castle keystore (BCFKS)", "keystore.bcfks", options)
    if tags[:1] == [OBJECT_IDENTIFIER] and (form := _MESSAGES.get(parts[0].content.hex())):
        name, action = form
        fix = f"{action} -inform DER -in {{source}} -out content.pem"
        return Recognised(name, fix, "smime.p7m")
    return None


def _parts(value: Value) -> list[Value]:
    return head(value.octets, value.start, value.end)
