"""What texts begin with that hold no PEM: error messages, references, files of other programs."""

from __future__ import annotations

import re
from dataclasses import dataclass

_AGAIN = "Run the command again by itself, and do what it asks for."
_DOWNLOAD = "It may be the answer to a failed download; fetch the file anew."
_GIVE_CONTENT = "Give the content of the file instead."
_KUBERNETES = (
    "Get it from the cluster: kubectl get secret NAME -o jsonpath='{.data.tls\\.crt}' | base64"
    " --decode > certificate.pem, and likewise tls\\.key."
)


@dataclass(frozen=True, slots=True)
class Phrase:
    """How a kind of text is told, what it is, and what to do about it."""

    pattern: re.Pattern[str]
    """What its head holds; linear in time, as every expression must be."""

    name: str
    """What it is, as a noun phrase."""

    fix: str = ""
    """What to do about it; see ``Recognised.fix``. Empty for nothing in particular."""

    usual: str = "file"
    """See ``Recognised.usual``."""

    is_private_key: bool = False
    """See ``Recognised.is_private_key``."""

    def applies_to(self, head: str) -> bool:
        """Whether a text that begins like this is of the kind."""
        return self.pattern.search(head) is not None


def _starts(*beginnings: str) -> re.Pattern[str]:
    return re.compile(rf"\A(?:{'|'.join(beginnings)})", re.IGNORECASE)


def _is(*wholes: str) -> re.Pattern[str]:
    return re.compile(rf"\A(?:{'|'.join(wholes)})\Z", re.IGNORECASE)


def _holds(*parts: str) -> re.Pattern[str]:
    return re.compile("|".join(parts))


PHRASES = (
    Phrase(
        _starts(r"\{\{resolve:"),
        "an unresolved dynamic reference",
        "Name the secret itself: CloudFormation does not resolve such references here.",
    ),
    Phrase(
        _starts(
            r"\$\{", r"\$\(", r"\$[A-Z_]{1,64}\Z", r"%[A-Z_]{1,64}%\Z", r"\{\{", "!Ref ", "!Sub "
        ),
        "a variable or a template that was not filled in",
        "Give its value.",
    ),
    Phrase(
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
    Phrase(
        _starts(r"\$ANSIBLE_VAULT;", r"[^\n]{0,100}!vault\b"),
        "a file that ansible-vault encrypted",
        "Decrypt it: ansible-vault decrypt --output decrypted.pem {source}",
        "encrypted.yml",
    ),
    Phrase(
        _holds(r"ENC\[AES256_GCM,"),
        "a file that SOPS encrypted",
        "Decrypt it: sops --decrypt --output decrypted.json {source}",
        "encrypted.json",
    ),
    Phrase(
        _starts("age-encryption.org/v1"),
        "a file that age encrypted",
        "Decrypt it: age --decrypt -i key.txt -o decrypted.pem {source}",
        "encrypted.age",
    ),
    Phrase(
        _starts("version https://git-lfs"),
        "a pointer of Git LFS, not the file itself",
        "Fetch the file, in its repository: git lfs pull",
    ),
    Phrase(
        _starts("PuTTY-User-Key-File-"),
        "a private key of PuTTY",
        "Convert it: puttygen {source} -O private-openssh -o private-key, and then ssh-keygen -p -m"
        " PKCS8 -f private-key",
        "private-key.ppk",
        is_private_key=True,
    ),
    Phrase(
        _starts(r"(?:ssh|ecdsa|sk)-[a-z0-9-]{1,40}-cert-v0"),
        "an OpenSSH certificate, which is no X.509 certificate",
    ),
    Phrase(_starts("ssh-", "ecdsa-sha2-", "sk-ssh-", "sk-ecdsa-"), "an OpenSSH public key"),
    Phrase(
        _starts("arn:[a-z-]{1,20}:acm:"),
        "the ARN of an ACM certificate",
        "Export it, if it is exportable: aws acm export-certificate --certificate-arn ARN"
        " --passphrase fileb://passphrase.txt > bundle.json; that file is a bundle for the same"
        " passphrase.",
    ),
    Phrase(
        _starts("arn:[a-z-]{1,20}:secretsmanager:"),
        "the ARN of a secret",
        "Give what it holds: aws secretsmanager get-secret-value --secret-id ARN --query"
        " SecretString --output text > bundle.json",
    ),
    Phrase(
        _starts("arn:[a-z-]{1,20}:ssm:", "/?aws/reference/secretsmanager/"),
        "the ARN or the name of a parameter",
        "Give what it holds: aws ssm get-parameter --name NAME --with-decryption --query"
        " Parameter.Value --output text > certificate.pem",
    ),
    Phrase(_starts("arn:[a-z-]{1,20}:"), "an ARN", "Give the certificate itself."),
    Phrase(
        _starts("s3://"),
        "an address in Amazon S3",
        "Give what it holds: aws s3 cp s3://BUCKET/KEY certificate.pem",
    ),
    Phrase(
        _starts(
            "op://",
            "vault:",
            "pkcs11:",
            r"ref\+[a-z]{1,40}:",
            r"@Microsoft\.KeyVault\(",
            "projects/[^/ ]{1,80}/secrets/",
        ),
        "a reference to a secret, which is not resolved here",
        "Give what the secret holds.",
    ),
    Phrase(
        _starts("-----BEGIN OpenVPN Static key"),
        "a static key of OpenVPN, which isn't a certificate's private key",
    ),
    Phrase(
        _starts("file(?:b)?://"),
        "a file:// address, which only the AWS CLI resolves",
        _GIVE_CONTENT,
    ),
    Phrase(_starts("https?://"), "a web address", "Download it: curl --fail --output FILE ADDRESS"),
    Phrase(
        _starts(r"(?:<\?xml[^>]{0,200}+>\s*+)?<RSAKeyValue\b"),
        "an RSA key in XML, as .NET writes it",
        "Convert it in PowerShell 7: $rsa = [Security.Cryptography.RSA]::Create();"
        " $rsa.FromXmlString((Get-Content -Raw {source})); $rsa.ExportPkcs8PrivateKeyPem()",
        "key.xml",
    ),
    Phrase(
        _holds(r"<(?:[A-Za-z0-9]{1,20}:)?X509Certificate\b"),
        "XML with a certificate, such as SAML metadata",
        "Give the content of its element X509Certificate.",
    ),
    Phrase(
        _starts(r"(?:<\?xml[^>]{0,200}+>\s*+)?<(?:Error|ErrorResponse|Response)\b"),
        "an error message in XML",
        _DOWNLOAD,
    ),
    Phrase(
        _starts("<!doctype plist", r"<\?xml[^>]{0,200}+>\s*+<!DOCTYPE plist", "<plist"),
        "a property list of macOS or iOS",
        "Give the certificate by itself.",
    ),
    Phrase(
        _starts("<!doctype", "(?:<!--[^>]{0,1000}+>\\s*+)?<(?:html|head|body)[ >]"),
        "an HTML page",
        _DOWNLOAD,
    ),
    Phrase(_starts(r"<\?xml", r"<[a-z][a-z0-9:]{0,40}[\s>]"), "an XML text"),
    Phrase(
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
    Phrase(re.compile(r"\A[{\[][^<>]{0,4000}\"kty\"\s*+:"), "a JSON Web Key"),
    Phrase(
        _starts(r"eyJ[A-Za-z0-9_-]{8,4000}+\."),
        "a JSON Web Token",
        "Give the certificate or key that it was made with.",
    ),
    Phrase(
        _starts(
            r"\{\s*+\"(?:__type|errors?|errorMessage|errorCode|message|code|fault|statusCode)\""
        ),
        "an error message in JSON",
        _DOWNLOAD,
    ),
    Phrase(
        _holds(r"\A\{[^{}]{0,2000}\"(?:newNonce|finalize|authorizations)\""),
        "an order or a directory of an ACME server, in JSON",
        "Download what its field certificate names once the order is valid.",
    ),
    Phrase(
        _holds(
            r"(?m:^)kind: *+[\"']?(?:Sealed)?Secret\b",
            r"(?m:^)apiVersion:",
            r"\"kind\": *+\"[A-Za-z]{0,20}Secret\"",
        ),
        "a Kubernetes manifest",
        _KUBERNETES,
    ),
    Phrase(
        _holds(r"(?m:^)Type: +kubernetes\.io/", r"\ANAME +TYPE +DATA", r" kubernetes\.io/tls "),
        "what kubectl prints about a secret, without what it holds",
        _KUBERNETES,
    ),
    Phrase(
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
    Phrase(
        re.compile(
            "No such file or directory|Permission denied|command not found|cannot find the path"
            "|is not recognized as|Access ?Denied|Not Found|Forbidden|Unauthorized",
        ),
        "an error message",
        _AGAIN,
    ),
    Phrase(
        _holds(r"(?m:^)[-dlcbps][r-][w-][xsS-][r-][w-][xsS-][r-][w-][xtT-][ .+@]"),
        "a list of files",
        _GIVE_CONTENT,
    ),
    Phrase(
        _starts(
            r"(?:Received|Return-Path|Delivered-To|From|To|Date|Subject|MIME-Version|Message-ID"
            r"|Content-Type|Content-Transfer-Encoding|Content-Disposition|X-[A-Za-z-]{1,40}): ",
            r"From [^ \n]{1,200} [A-Z][a-z]{2} ",
        ),
        "a mail",
        "Save its attachment to a file, and give that.",
    ),
    Phrase(
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
        "what a program prints about a certificate or a key, without it",
        "Give the file that the program read; openssl writes it with -out, keytool by -exportcert -rfc.",
    ),
    Phrase(
        _starts(r"(?:0x|\\\\x)?30[ :]?8[0-4](?:[ :]?[0-9a-f]{2}\s{0,2}+){30}"),
        "DER in hexadecimal digits",
        "Convert it: xxd -r -p {source} > converted.der",
        "hexadecimal.txt",
    ),
)
"""In the order in which they are tried."""
