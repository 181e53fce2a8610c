"""The rules about the form in which material comes: files, encodings, containers, passphrases."""

from __future__ import annotations

from server_certificate.findings import Rule, Severity
from server_certificate.reading.certificate_rules import CERTIFICATE_UNSUPPORTED
from server_certificate.reading.key_rules import (
    BUNDLE_CHANGED,
    ENCRYPTION_UNSUPPORTED,
    KEY_UNSUPPORTED,
)
from server_certificate.reading.sizes import TOO_LARGE

_PEM = "IAM user guide, managing server certificates: everything must be in PEM; RFC 7468"
_LIMIT = "A limit of this package, against input made to keep it busy"
_CONVERTED = "It is converted all the same."

FILE_UNREADABLE = Rule(
    code="file-unreadable",
    severity=Severity.ERROR,
    why="A file is missing, no regular file, not readable, larger than 4 MiB, or changes while it is"
    " read. The construct reports it among the findings, the command by its exit status 2.",
    fix="Give the path of a file.",
    source="A rule of this package",
)
WRONG_KIND = Rule(
    code="wrong-kind",
    severity=Severity.ERROR,
    why="It is something else than was wanted: a request, a public key, a Java keystore, a web"
    " page, the path of a file, an unresolved reference. IAM answers *Unable to parse"
    " certificate*, whatever it is.",
    fix="Give what the message asks for; it says how to get there.",
    source=_PEM,
)
WRONG_BLOCK = Rule(
    code="wrong-block",
    severity=Severity.ERROR,
    why="Something that belongs to neither certificate nor key stands beside it, and nothing that"
    " was given is dropped without a word.",
    fix="Remove it.",
    source=_PEM,
)
ARGUMENT_UNUSABLE = Rule(
    code="argument-unusable",
    severity=Severity.ERROR,
    why="An argument of the construct or of one of its sources is of another kind than it must be, lies"
    " outside its limits, or says two things that exclude each other.",
    fix="Do what the message says.",
    source="A rule of this package",
)
UNREADABLE = Rule(
    code="unreadable",
    severity=Severity.ERROR,
    why="It is damaged: cut short, not base64, not DER, or something else than its label says.",
    fix="Copy it anew: PEM from its BEGIN line to its END line, both included, any other file as"
    " binary data.",
    source=_PEM,
)
NO_CERTIFICATE = Rule(
    code="no-certificate",
    severity=Severity.ERROR,
    why="A bundle without a certificate can't be uploaded.",
    fix="Give a bundle that holds the certificate, too.",
    source="IAM API reference, UploadServerCertificate",
)
NO_PRIVATE_KEY = Rule(
    code="no-private-key",
    severity=Severity.ERROR,
    why="A certificate is uploaded with its private key, and IAM never gives a key out again.",
    fix="Give a bundle that holds the key, too, or give the key by itself.",
    source="IAM API reference, UploadServerCertificate, PrivateKey",
)
PRIVATE_KEY_AMONG_CERTIFICATES = Rule(
    code="private-key-among-certificates",
    severity=Severity.ERROR,
    why="Certificates are public, and stand in templates and logs. A private key in their text"
    " would stand there, too.",
    fix="Remove it, and regard it as disclosed if this text was stored or shared; or give certificate"
    " and key together as a bundle.",
    source="IAM user guide, managing server certificates",
)
SEVERAL_CERTIFICATES = Rule(
    code="several-certificates",
    severity=Severity.ERROR,
    why="One document holds the certificates of several servers, such as the storage of Traefik or a"
    " list of Kubernetes secrets, and IAM takes one at a time.",
    fix="Give the part of the document that holds the one certificate and its key.",
    source="IAM API reference, UploadServerCertificate",
)
SEVERAL_PRIVATE_KEYS = Rule(
    code="several-private-keys",
    severity=Severity.ERROR,
    why="A certificate has one private key.",
    fix="Keep the one that belongs to the certificate.",
    source="IAM API reference, UploadServerCertificate, PrivateKey",
)
TOO_MANY_BLOCKS = Rule(
    code="too-many-blocks",
    severity=Severity.ERROR,
    why="A chain has a handful of certificates; more than IAM's largest chain can hold is not read.",
    fix="Give only the certificates that lead from the leaf to its root.",
    source=_LIMIT,
)
PASSPHRASE_MISSING = Rule(
    code="passphrase-missing",
    severity=Severity.ERROR,
    why="IAM takes unencrypted private keys only, and without the passphrase the key can't be"
    " decrypted.",
    fix="Give the passphrase, or decrypt it with `openssl rsa -in encrypted.pem -out"
    " private-key.pem`.",
    source="IAM user guide, managing server certificates: the key must not be encrypted",
)
PASSPHRASE_WRONG = Rule(
    code="passphrase-wrong",
    severity=Severity.ERROR,
    why="The passphrase that was given does not open it.",
    fix="Give the passphrase that it was encrypted with; if it is the right one, the file is damaged.",
    source="RFC 8018; RFC 7292",
)
TOO_MANY_ITERATIONS = Rule(
    code="too-many-iterations",
    severity=Severity.ERROR,
    why="An encrypted key or bundle says how much work opening it takes. Five million iterations"
    " of SHA-256, for everything together, are more than any tool asks for: it is a mistake or an"
    " attack.",
    fix="Encrypt it anew with fewer iterations, or decrypt it with openssl.",
    source=_LIMIT + "; RFC 8018, 4.2",
)
BUNDLE_FIELD = Rule(
    code="bundle-field",
    severity=Severity.ERROR,
    why="A JSON bundle has the fields `certificate`, `privateKey` and `certificateChain`, also as"
    " `private_key` or `PrivateKey`. If two spellings of one field hold different values, only you"
    " know which is meant.",
    fix="Remove the one that is not meant.",
    source="A rule of this package",
)
UNREAD = frozenset(
    {
        WRONG_KIND,
        SEVERAL_CERTIFICATES,
        UNREADABLE,
        TOO_LARGE,
        TOO_MANY_BLOCKS,
        PASSPHRASE_MISSING,
        PASSPHRASE_WRONG,
        TOO_MANY_ITERATIONS,
        BUNDLE_CHANGED,
        ENCRYPTION_UNSUPPORTED,
        KEY_UNSUPPORTED,
        CERTIFICATE_UNSUPPORTED,
    }
)
"""What leaves something unread, which may be what seems to be missing then."""

DER = Rule(
    code="der",
    severity=Severity.FIXABLE,
    why="IAM takes PEM only.",
    fix="Converting does it; by hand `openssl x509 -inform DER -in certificate.der -outform"
    " PEM -out certificate.pem`, for a key `openssl rsa` likewise.",
    source=_PEM,
    acknowledged=_CONVERTED,
)
PKCS7 = Rule(
    code="pkcs7",
    severity=Severity.FIXABLE,
    why="IAM takes certificates one after the other in PEM, no PKCS#7 bundle.",
    fix="Converting does it; by hand `openssl pkcs7 -in bundle.p7b -print_certs -out bundle.pem`.",
    source=_PEM,
    acknowledged=_CONVERTED,
)
PKCS12 = Rule(
    code="pkcs12",
    severity=Severity.FIXABLE,
    why="IAM takes certificate, chain and key in PEM, no PKCS#12 bundle.",
    fix="Converting does it; by hand `openssl pkcs12 -in bundle.p12 -out bundle.pem -nodes`.",
    source=_PEM,
    acknowledged=_CONVERTED,
)
BASE64 = Rule(
    code="base64",
    severity=Severity.FIXABLE,
    why="Some services return certificates in base64, without BEGIN and END lines or with"
    " everything encoded once more: Azure Key Vault does so with PKCS#12, Kubernetes with"
    " everything in a Secret.",
    fix="Converting does it; by hand `base64 --decode encoded.txt > decoded.pem`.",
    source=_PEM,
    acknowledged=_CONVERTED,
)
UTF_16 = Rule(
    code="utf-16",
    severity=Severity.FIXABLE,
    why="IAM takes ASCII. *Unicode* in Notepad means UTF-16, and so does `>` in Windows"
    " PowerShell.",
    fix="Converting does it; by hand, save it as UTF-8 or ASCII.",
    source=_PEM,
    acknowledged=_CONVERTED,
)
BUNDLE = Rule(
    code="bundle",
    severity=Severity.FIXABLE,
    why="IAM takes certificate, chain and private key as three texts.",
    fix="Converting takes it apart.",
    source="IAM API reference, UploadServerCertificate; IAM user guide, managing server certificates",
    acknowledged=_CONVERTED,
)
PRIVATE_KEY_ENCRYPTED = Rule(
    code="private-key-encrypted",
    severity=Severity.FIXABLE,
    why="IAM takes unencrypted private keys only. The passphrase that was given opens this one.",
    fix="Converting does it; by hand `openssl rsa -in encrypted.pem -out private-key.pem`.",
    source="IAM user guide, managing server certificates: the key must not be encrypted",
    acknowledged=_CONVERTED,
)
LABEL = Rule(
    code="label",
    severity=Severity.FIXABLE,
    why="IAM knows the labels `CERTIFICATE`, `PRIVATE KEY`, `RSA PRIVATE KEY` and `EC PRIVATE KEY`.",
    fix="Converting changes the label.",
    source=_PEM,
    acknowledged=_CONVERTED,
)
TEXT_AROUND = Rule(
    code="text-around",
    severity=Severity.FIXABLE,
    why="IAM refuses text outside the PEM blocks, such as `openssl x509 -text` writes, and byte"
    " order marks.",
    fix="Converting leaves it out.",
    source="Observed: aws-cli issue 715",
    acknowledged=_CONVERTED,
)
PEM_LAYOUT = Rule(
    code="pem-layout",
    severity=Severity.FIXABLE,
    why="BEGIN and END lines, with five hyphens on either side, are alone on their lines, and the"
    " base64 between them has lines of up to 76 characters. A block that lost its line breaks, that"
    " is indented as in YAML or quoted as in a mail, or whose hyphens a word processor changed, can't"
    " be read by IAM. It is converted where its meaning is certain.",
    fix="Converting writes the lines anew.",
    source="RFC 7468, 3; Observed: broken line breaks are *Unable to parse certificate*",
    acknowledged=_CONVERTED,
)
ESCAPED_LINE_BREAKS = Rule(
    code="escaped-line-breaks",
    severity=Severity.FIXABLE,
    why=r"Characters that are spelled `\n` as in JSON, `%0A` as in a URL or `&#10;` as in HTML mean"
    " nothing to IAM.",
    fix="Converting turns them into real ones.",
    source=_PEM,
    acknowledged=_CONVERTED,
)
PARAMETERS_BLOCK = Rule(
    code="parameters-block",
    severity=Severity.FIXABLE,
    why="`openssl ecparam -genkey` writes an `EC PARAMETERS` block before the key, which says"
    " nothing that the key does not say.",
    fix="Converting leaves it out.",
    source=_PEM,
    acknowledged=_CONVERTED,
)
EXTRA_BLOCK = Rule(
    code="extra-block",
    severity=Severity.FIXABLE,
    why="A certificate signing request, a revocation list, a public key or a key of something else"
    " was given with certificates or keys, as hosting panels and key stores hand them out together."
    " IAM refuses it.",
    fix="Converting leaves it out.",
    source=_PEM,
    acknowledged=_CONVERTED,
)
PASSPHRASE_UNUSED = Rule(
    code="passphrase-unused",
    severity=Severity.WARNING,
    why="Nothing that was given is encrypted. Perhaps another file was meant, or a key lies"
    " unencrypted where it should not.",
    fix="Leave the passphrase out, or give the encrypted file.",
    source="A courtesy of this package",
    acknowledged="The passphrase is not used.",
)
RULES = (
    ARGUMENT_UNUSABLE,
    FILE_UNREADABLE,
    WRONG_KIND,
    WRONG_BLOCK,
    UNREADABLE,
    NO_CERTIFICATE,
    NO_PRIVATE_KEY,
    PRIVATE_KEY_AMONG_CERTIFICATES,
    SEVERAL_CERTIFICATES,
    SEVERAL_PRIVATE_KEYS,
    TOO_MANY_BLOCKS,
    PASSPHRASE_MISSING,
    PASSPHRASE_WRONG,
    TOO_MANY_ITERATIONS,
    BUNDLE_FIELD,
    DER,
    PKCS7,
    PKCS12,
    BASE64,
    UTF_16,
    BUNDLE,
    PRIVATE_KEY_ENCRYPTED,
    LABEL,
    TEXT_AROUND,
    PEM_LAYOUT,
    ESCAPED_LINE_BREAKS,
    EXTRA_BLOCK,
    PARAMETERS_BLOCK,
    PASSPHRASE_UNUSED,
)
