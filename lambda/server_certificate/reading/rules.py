"""The rules about the format of the input: files, encodings, containers, passphrases."""

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
_LIMIT = "A limit of this package that protects against malicious input"
_CONVERTED = "The input is still converted."

FILE_UNREADABLE = Rule(
    code="file-unreadable",
    severity=Severity.ERROR,
    why="A file is missing, is not a regular file, can't be read, is larger than 4 MiB, or changes"
    " while it is read. The construct reports this as a finding, the command with exit status 2.",
    fix="Provide the path of a regular file.",
    source="A rule of this package",
)
WRONG_KIND = Rule(
    code="wrong-kind",
    severity=Severity.ERROR,
    why="The input is something other than expected: a certificate signing request, a public key, a"
    " Java keystore, a web page, the path of a file, an unresolved reference. IAM answers *Unable"
    " to parse certificate* in all these cases.",
    fix="Provide what the message asks for, or follow the steps that it gives.",
    source=_PEM,
)
WRONG_BLOCK = Rule(
    code="wrong-block",
    severity=Severity.ERROR,
    why="The input contains something that belongs to neither the certificate nor the private key."
    " Nothing is dropped silently.",
    fix="Remove it.",
    source=_PEM,
)
ARGUMENT_UNUSABLE = Rule(
    code="argument-unusable",
    severity=Severity.ERROR,
    why="An argument of the construct or of one of its sources has the wrong type, is out of range,"
    " or contradicts another argument.",
    fix="Follow the message.",
    source="A rule of this package",
)
UNREADABLE = Rule(
    code="unreadable",
    severity=Severity.ERROR,
    why="The input is damaged: it is truncated, is not base64, is not DER, or is something other"
    " than its label says.",
    fix="Copy it again: PEM from the BEGIN line to the END line, both included, and any other file"
    " as binary data.",
    source=_PEM,
)
NO_CERTIFICATE = Rule(
    code="no-certificate",
    severity=Severity.ERROR,
    why="A bundle without a certificate can't be uploaded.",
    fix="Provide a bundle that also contains the certificate.",
    source="IAM API reference, UploadServerCertificate",
)
NO_PRIVATE_KEY = Rule(
    code="no-private-key",
    severity=Severity.ERROR,
    why="A certificate is uploaded together with its private key, and IAM never returns a private"
    " key.",
    fix="Provide a bundle that also contains the private key, or provide the private key"
    " separately.",
    source="IAM API reference, UploadServerCertificate, PrivateKey",
)
PRIVATE_KEY_AMONG_CERTIFICATES = Rule(
    code="private-key-among-certificates",
    severity=Severity.ERROR,
    why="Certificates are public, and are written to templates and logs. A private key in the same"
    " text would be written there, too.",
    fix="Remove the private key, and treat it as compromised if this text was stored or shared. You"
    " can also provide the certificate and the private key together as a bundle.",
    source="IAM user guide, managing server certificates",
)
SECRET_IN_TEMPLATE = Rule(
    code="secret-in-template",
    severity=Severity.ERROR,
    why="The app contains the value of the secret, parameter or S3 object that a private key, a"
    " bundle or a passphrase comes from. The value would be in the template or in the assets, in"
    " plain text, where everybody who can read the stack can read it.",
    fix="Remove the value from the app, store it with `server-certificate store`, and import the"
    " secret. Replace the private key if the template was deployed or shared.",
    source="AWS CloudFormation user guide, Security best practices for CloudFormation: Do not embed"
    " credentials in your templates",
)
SEVERAL_CERTIFICATES = Rule(
    code="several-certificates",
    severity=Severity.ERROR,
    why="The document contains the certificates of several servers, such as the storage of Traefik"
    " or a list of Kubernetes secrets. IAM accepts one at a time.",
    fix="Provide the part of the document that contains the certificate and its private key.",
    source="IAM API reference, UploadServerCertificate",
)
SEVERAL_PRIVATE_KEYS = Rule(
    code="several-private-keys",
    severity=Severity.ERROR,
    why="A certificate has one private key.",
    fix="Keep only the private key that belongs to the certificate.",
    source="IAM API reference, UploadServerCertificate, PrivateKey",
)
TOO_MANY_BLOCKS = Rule(
    code="too-many-blocks",
    severity=Severity.ERROR,
    why="A chain has a handful of certificates. Inputs with more than IAM's longest chain are not"
    " read.",
    fix="Provide only the certificates that lead from the leaf to its root.",
    source=_LIMIT,
)
PASSPHRASE_MISSING = Rule(
    code="passphrase-missing",
    severity=Severity.ERROR,
    why="IAM accepts only unencrypted private keys, and without the passphrase the private key"
    " can't be decrypted.",
    fix="Provide the passphrase, or decrypt the private key with `openssl rsa -in encrypted.pem"
    " -out private-key.pem`.",
    source="IAM user guide, managing server certificates: the key must not be encrypted",
)
PASSPHRASE_WRONG = Rule(
    code="passphrase-wrong",
    severity=Severity.ERROR,
    why="The given passphrase doesn't decrypt the input.",
    fix="Provide the passphrase that it was encrypted with. If the passphrase is correct, the file"
    " is damaged.",
    source="RFC 8018; RFC 7292",
)
TOO_MANY_ITERATIONS = Rule(
    code="too-many-iterations",
    severity=Severity.ERROR,
    why="An encrypted private key or bundle specifies how much work decryption takes. The limit of"
    " five million iterations of SHA-256, for all inputs together, is more than any tool uses."
    " Exceeding it means a mistake or an attack.",
    fix="Encrypt it again with fewer iterations, or decrypt it with openssl.",
    source=_LIMIT + "; RFC 8018, 4.2",
)
BUNDLE_FIELD = Rule(
    code="bundle-field",
    severity=Severity.ERROR,
    why="A JSON bundle has the fields `certificate`, `privateKey` and `certificateChain`, which can"
    " also be spelled `private_key` or `PrivateKey`. If two spellings of a field have different"
    " values, it is unknown which one you mean.",
    fix="Remove the field that you don't need.",
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
"""The rules about inputs that can't be read, and so may contain what seems to be missing."""

DER = Rule(
    code="der",
    severity=Severity.FIXABLE,
    why="IAM accepts only PEM.",
    fix="Conversion handles this. To convert by hand: `openssl x509 -inform DER -in certificate.der"
    " -outform PEM -out certificate.pem`, or `openssl rsa` with the same options for a private key.",
    source=_PEM,
    acknowledged=_CONVERTED,
)
PKCS7 = Rule(
    code="pkcs7",
    severity=Severity.FIXABLE,
    why="IAM accepts certificates in PEM, not in a PKCS#7 bundle.",
    fix="Conversion handles this. To convert by hand: `openssl pkcs7 -in bundle.p7b -print_certs"
    " -out bundle.pem`.",
    source=_PEM,
    acknowledged=_CONVERTED,
)
PKCS12 = Rule(
    code="pkcs12",
    severity=Severity.FIXABLE,
    why="IAM accepts the certificate, the chain and the private key in PEM, not in a PKCS#12"
    " bundle.",
    fix="Conversion handles this. To convert by hand: `openssl pkcs12 -in bundle.p12 -out"
    " bundle.pem -nodes`.",
    source=_PEM,
    acknowledged=_CONVERTED,
)
BASE64 = Rule(
    code="base64",
    severity=Severity.FIXABLE,
    why="Some services return certificates in base64, without BEGIN and END lines or as base64 of"
    " the whole file: Azure Key Vault for PKCS#12 bundles, Kubernetes for all values of a Secret.",
    fix="Conversion handles this. To decode by hand: `base64 --decode encoded.txt > decoded.pem`.",
    source=_PEM,
    acknowledged=_CONVERTED,
)
UTF_16 = Rule(
    code="utf-16",
    severity=Severity.FIXABLE,
    why="IAM accepts ASCII. *Unicode* in Notepad and `>` in Windows PowerShell write UTF-16.",
    fix="Conversion handles this. To convert by hand, save the file as UTF-8 or ASCII.",
    source=_PEM,
    acknowledged=_CONVERTED,
)
BUNDLE = Rule(
    code="bundle",
    severity=Severity.FIXABLE,
    why="IAM requires the certificate, the chain and the private key separately.",
    fix="Conversion separates them.",
    source="IAM API reference, UploadServerCertificate; IAM user guide, managing server certificates",
    acknowledged=_CONVERTED,
)
PRIVATE_KEY_ENCRYPTED = Rule(
    code="private-key-encrypted",
    severity=Severity.FIXABLE,
    why="IAM accepts only unencrypted private keys. The given passphrase decrypts this one.",
    fix="Conversion handles this. To decrypt by hand: `openssl rsa -in encrypted.pem -out"
    " private-key.pem`.",
    source="IAM user guide, managing server certificates: the key must not be encrypted",
    acknowledged=_CONVERTED,
)
LABEL = Rule(
    code="label",
    severity=Severity.FIXABLE,
    why="IAM accepts the labels `CERTIFICATE`, `PRIVATE KEY`, `RSA PRIVATE KEY` and `EC PRIVATE"
    " KEY`.",
    fix="Conversion changes the label.",
    source=_PEM,
    acknowledged=_CONVERTED,
)
TEXT_AROUND = Rule(
    code="text-around",
    severity=Severity.FIXABLE,
    why="IAM rejects byte order marks and text outside the PEM blocks, such as the output of"
    " `openssl x509 -text`.",
    fix="Conversion removes it.",
    source="Observed: aws-cli issue 715",
    acknowledged=_CONVERTED,
)
PEM_LAYOUT = Rule(
    code="pem-layout",
    severity=Severity.FIXABLE,
    why="BEGIN and END lines need five hyphens on both sides and a line of their own, and the"
    " base64 between them has lines of up to 76 characters. IAM can't read a block that lost its"
    " line breaks, is indented as in YAML or quoted as in an email, or whose hyphens a word"
    " processor changed. It is converted if its content is unambiguous.",
    fix="Conversion rewrites the lines.",
    source="RFC 7468, 3; Observed: broken line breaks are *Unable to parse certificate*",
    acknowledged=_CONVERTED,
)
ESCAPED_LINE_BREAKS = Rule(
    code="escaped-line-breaks",
    severity=Severity.FIXABLE,
    why=r"IAM does not decode escape sequences, such as `\n` from JSON, `%0A` from URLs or `&#10;` from HTML.",
    fix="Conversion replaces them with real characters.",
    source=_PEM,
    acknowledged=_CONVERTED,
)
PARAMETERS_BLOCK = Rule(
    code="parameters-block",
    severity=Severity.FIXABLE,
    why="`openssl ecparam -genkey` writes an `EC PARAMETERS` block before the private key, which"
    " repeats information from the key.",
    fix="Conversion removes it.",
    source=_PEM,
    acknowledged=_CONVERTED,
)
EXTRA_BLOCK = Rule(
    code="extra-block",
    severity=Severity.FIXABLE,
    why="The input also contains a certificate signing request, a revocation list, a public key or"
    " an unrelated key, as files from hosting panels and key stores do. IAM rejects it.",
    fix="Conversion removes it.",
    source=_PEM,
    acknowledged=_CONVERTED,
)
PASSPHRASE_UNUSED = Rule(
    code="passphrase-unused",
    severity=Severity.WARNING,
    why="Nothing in the input is encrypted. You may have meant a different file, or a private key"
    " is stored without encryption by mistake.",
    fix="Omit the passphrase, or provide the encrypted file.",
    source="A rule of this package",
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
    SECRET_IN_TEMPLATE,
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
