"""Recognize text without PEM: error messages, references, files of other programs."""

from __future__ import annotations

import re
from dataclasses import dataclass

_AGAIN = "Run the command again on its own, and follow its message."
_DOWNLOAD = "It may be the result of a failed download. Download the file again."
_GIVE_CONTENT = "Provide the content of the file instead."
_KUBERNETES = (
    "Get it from the cluster: kubectl get secret NAME -o jsonpath='{.data.tls\\.crt}' | base64"
    " --decode > certificate.pem, and likewise tls\\.key."
)


@dataclass(frozen=True, slots=True)
class TextPattern:
    """A kind of text: how to recognize it, what it is, and how to fix it."""

    pattern: re.Pattern[str]
    """Matches the start of the text, in linear time."""

    name: str
    """What it is, as a noun phrase."""

    fix: str = ""
    """How to fix it; see ``RecognizedFormat.fix``. Empty for the default fix."""

    usual: str = "file"
    """See ``RecognizedFormat.usual``."""

    is_private_key: bool = False
    """See ``RecognizedFormat.is_private_key``."""

    def applies_to(self, head: str) -> bool:
        """Return whether a text that begins like this is of this kind."""
        return self.pattern.search(head) is not None


def _starts(*beginnings: str) -> re.Pattern[str]:
    return re.compile(rf"\A(?:{'|'.join(beginnings)})", re.IGNORECASE)


def _is(*wholes: str) -> re.Pattern[str]:
    return re.compile(rf"\A(?:{'|'.join(wholes)})\Z", re.IGNORECASE)


def _holds(*parts: str) -> re.Pattern[str]:
    return re.compile("|".join(parts))


TEXT_PATTERNS = (
    TextPattern(
        _starts(r"\{\{resolve:"),
        "an unresolved dynamic reference",
        "Provide the name of the secret, because CloudFormation doesn't resolve such references"
        " here.",
    ),
    TextPattern(
        _starts(
            r"\$\{", r"\$\(", r"\$[A-Z_]{1,64}\Z", r"%[A-Z_]{1,64}%\Z", r"\{\{", "!Ref ", "!Sub "
        ),
        "an unresolved variable or template",
        "Provide its value.",
    ),
    TextPattern(
        _is(
            "<[^<>]{1,80}>",
            r"\[[^\[\]\"]{1,80}\]",
            r"[*.x_…-]{1,80}",
            "(?:replace|change|fill|insert|paste|add|put|todo|fixme|placeholder|dummy|example)"
            "(?:[-_ .]?+[a-z]{1,20}+){0,6}+",
            "your(?:[-_ .][a-z]{1,20}+){1,6}+",
            r"null|none|nil|undefined|\[object Object\]|true|false|n/a|tbd",
            r"\(sensitive(?: value)?\)|\(known after apply\)|\**redacted\**",
        ),
        "a placeholder",
    ),
    TextPattern(
        _starts(r"\$ANSIBLE_VAULT;", r"[^\n]{0,100}!vault\b"),
        "a file encrypted with ansible-vault",
        "Decrypt it: ansible-vault decrypt --output decrypted.pem {source}",
        "encrypted.yml",
    ),
    TextPattern(
        _holds(r"ENC\[AES256_GCM,"),
        "a file encrypted with SOPS",
        "Decrypt it: sops --decrypt --output decrypted.json {source}",
        "encrypted.json",
    ),
    TextPattern(
        _starts("age-encryption.org/v1"),
        "a file encrypted with age",
        "Decrypt it: age --decrypt -i key.txt -o decrypted.pem {source}",
        "encrypted.age",
    ),
    TextPattern(
        _starts("version https://git-lfs"),
        "a Git LFS pointer, not the file itself",
        "Download the file in its repository: git lfs pull",
    ),
    TextPattern(
        _starts("PuTTY-User-Key-File-"),
        "a PuTTY private key",
        "Convert it: puttygen {source} -O private-openssh -o private-key && ssh-keygen -p -m PKCS8"
        " -f private-key",
        "private-key.ppk",
        is_private_key=True,
    ),
    TextPattern(
        _starts(r"(?:ssh|ecdsa|sk)-[a-z0-9-]{1,40}-cert-v0"),
        "an OpenSSH certificate, which is not an X.509 certificate",
    ),
    TextPattern(_starts("ssh-", "ecdsa-sha2-", "sk-ssh-", "sk-ecdsa-"), "an OpenSSH public key"),
    TextPattern(
        _starts("arn:[a-z-]{1,20}:acm:"),
        "the ARN of an ACM certificate",
        "Export it, if it is exportable: aws acm export-certificate --certificate-arn ARN"
        " --passphrase fileb://passphrase.txt > bundle.json. The file is a bundle with the same"
        " passphrase.",
    ),
    TextPattern(
        _starts("arn:[a-z-]{1,20}:secretsmanager:"),
        "the ARN of a secret",
        "Get its content: aws secretsmanager get-secret-value --secret-id ARN --query SecretString"
        " --output text > bundle.json",
    ),
    TextPattern(
        _starts("arn:[a-z-]{1,20}:ssm:", "/?aws/reference/secretsmanager/"),
        "the ARN or the name of a parameter",
        "Get its content: aws ssm get-parameter --name NAME --with-decryption --query"
        " Parameter.Value --output text > certificate.pem",
    ),
    TextPattern(_starts("arn:[a-z-]{1,20}:"), "an ARN", "Provide the certificate itself."),
    TextPattern(
        _starts("s3://"),
        "an Amazon S3 URI",
        "Get its content: aws s3 cp s3://BUCKET/KEY certificate.pem",
    ),
    TextPattern(
        _starts(
            "op://",
            "vault:",
            "pkcs11:",
            r"ref\+[a-z]{1,40}:",
            r"@Microsoft\.KeyVault\(",
            "projects/[^/ ]{1,80}/secrets/",
        ),
        "a reference to a secret, which can't be resolved here",
        "Provide the content of the secret.",
    ),
    TextPattern(
        _starts("-----BEGIN OpenVPN Static key"),
        "an OpenVPN static key, which isn't the private key of a certificate",
    ),
    TextPattern(
        _starts("file(?:b)?://"),
        "a file:// URL, which only the AWS CLI resolves",
        _GIVE_CONTENT,
    ),
    TextPattern(_starts("https?://"), "a URL", "Download it: curl --fail --output FILE URL"),
    TextPattern(
        _starts(r"(?:<\?xml[^>]{0,200}+>\s*+)?<RSAKeyValue\b"),
        "an RSA key in the XML format of .NET",
        "Convert it in PowerShell 7: $rsa = [Security.Cryptography.RSA]::Create();"
        " $rsa.FromXmlString((Get-Content -Raw {source})); $rsa.ExportPkcs8PrivateKeyPem()",
        "key.xml",
    ),
    TextPattern(
        _holds(r"<(?:[A-Za-z0-9]{1,20}:)?X509Certificate\b"),
        "XML with a certificate, such as SAML metadata",
        "Provide the content of its X509Certificate element.",
    ),
    TextPattern(
        _starts(r"(?:<\?xml[^>]{0,200}+>\s*+)?<(?:Error|ErrorResponse|Response)\b"),
        "an error message in XML",
        _DOWNLOAD,
    ),
    TextPattern(
        _starts("<!doctype plist", r"<\?xml[^>]{0,200}+>\s*+<!DOCTYPE plist", "<plist"),
        "a macOS or iOS property list",
        "Provide only the certificate.",
    ),
    TextPattern(
        _starts("<!doctype", "(?:<!--[^>]{0,1000}+>\\s*+)?<(?:html|head|body)[ >]"),
        "an HTML page",
        _DOWNLOAD,
    ),
    TextPattern(_starts(r"<\?xml", r"<[a-z][a-z0-9:]{0,40}[\s>]"), "an XML text"),
    TextPattern(
        re.compile(
            r"\A[{\[](?=[^<>]{0,4000}\"kty\"\s*+:\s*+\"(?:RSA|EC|OKP)\")[^<>]{0,4000}\"d\"\s*+:"
        ),
        "a private key as a JSON Web Key",
        'Convert it with Node.js: node -p "crypto.createPrivateKey({key:'
        " [JSON.parse(fs.readFileSync(process.argv[1]))].flatMap(it => it.keys ?? it)[0], format:"
        " 'jwk'}).export({type: 'pkcs8', format: 'pem'})\" {source} > private-key.pem",
        "key.json",
        is_private_key=True,
    ),
    TextPattern(re.compile(r"\A[{\[][^<>]{0,4000}\"kty\"\s*+:"), "a JSON Web Key"),
    TextPattern(
        _starts(r"eyJ[A-Za-z0-9_-]{8,4000}+\."),
        "a JSON Web Token",
        "Provide the certificate or private key that signed it.",
    ),
    TextPattern(
        _starts(
            r"\{\s*+\"(?:__type|errors?|errorMessage|errorCode|message|code|fault|statusCode)\""
        ),
        "an error message in JSON",
        _DOWNLOAD,
    ),
    TextPattern(
        _holds(r"\A\{[^{}]{0,2000}\"(?:newNonce|finalize|authorizations)\""),
        "an order or a directory of an ACME server in JSON",
        "Once the order is valid, download the URL in its certificate field.",
    ),
    TextPattern(
        _holds(
            r"(?m:^)kind: *+[\"']?(?:Sealed)?Secret\b",
            r"(?m:^)apiVersion:",
            r"\"kind\": *+\"[A-Za-z]{0,20}Secret\"",
        ),
        "a Kubernetes manifest",
        _KUBERNETES,
    ),
    TextPattern(
        _holds(r"(?m:^)Type: +kubernetes\.io/", r"\ANAME +TYPE +DATA", r" kubernetes\.io/tls "),
        "output of kubectl about a secret, without its content",
        _KUBERNETES,
    ),
    TextPattern(
        _starts(
            r"(?:/bin/)?(?:[a-z]{0,3}sh|cat|ls|cp|openssl|aws|type|base64|curl|wget|kubectl|sudo|docker|git"
            r"|fatal|error|warning): ",
            "An error occurred",
            "Unable to ",
            "Could not ",
            "Can't open ",
            "Error from server",
            "unable to load",
            "usage: ",
            "Traceback ",
        ),
        "the error message of a command",
        _AGAIN,
    ),
    TextPattern(
        re.compile(
            "No such file or directory|Permission denied|command not found|cannot find the path"
            "|is not recognized as|Access ?Denied|Not Found|Forbidden|Unauthorized",
        ),
        "an error message",
        _AGAIN,
    ),
    TextPattern(
        _holds(r"(?m:^)[-dlcbps][r-][w-][xsS-][r-][w-][xsS-][r-][w-][xtT-][ .+@]"),
        "a directory listing",
        _GIVE_CONTENT,
    ),
    TextPattern(
        _starts(
            r"(?:Received|Return-Path|Delivered-To|From|To|Date|Subject|MIME-Version|Message-ID"
            r"|Content-Type|Content-Transfer-Encoding|Content-Disposition|X-[A-Za-z-]{1,40}): ",
            r"From [^ \n]{1,200} [A-Z][a-z]{2} ",
        ),
        "an email",
        "Save the attachment, and provide that file.",
    ),
    TextPattern(
        _starts(
            r"Certificate:\s",
            r"subject ?=",
            r"issuer ?=",
            r"CONNECTED\(",
            r"[A-Za-z0-9]{1,12} ?Fingerprint ?=",
            r"Modulus ?=",
            r"(?:RSA )?Private-Key:",
            r"X\.?509 Certificate(?: Information)?:",
            r"Keystore type:",
            r"Alias name:",
            r"=+ Certificate \d",
        ),
        "output of a program about a certificate or a key, without its content",
        "Provide the file that the program read. To export it, use -out with openssl, or keytool"
        " -exportcert -rfc.",
    ),
    TextPattern(
        _starts(r"(?:0x|\\\\x)?30[ :]?8[0-4](?:[ :]?[0-9a-f]{2}\s{0,2}+){30}"),
        "DER in hexadecimal digits",
        "Convert it: xxd -r -p {source} > converted.der",
        "hexadecimal.txt",
    ),
)
"""The first match wins."""
