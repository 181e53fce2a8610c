"""Documents in which other programs output certificate, chain and private key."""

from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization

from dev.certificates.authority import to_pem

if TYPE_CHECKING:
    from collections.abc import Callable

    from dev.certificates.authority import Issued


def in_base64(content: str | bytes) -> str:
    """Encode a text or octets in base64."""
    octets = content.encode() if isinstance(content, str) else content
    return base64.b64encode(octets).decode("ascii")


def request_pem(issued: Issued) -> str:
    """Create the certificate signing request for a certificate."""
    builder = x509.CertificateSigningRequestBuilder().subject_name(issued.certificate.subject)
    request = builder.sign(issued.private_key, hashes.SHA256())
    return request.public_bytes(serialization.Encoding.PEM).decode()


def acm_export(issued: Issued) -> str:
    """Write the output of ``aws acm export-certificate``, with an unencrypted key."""
    return json.dumps(
        {
            "Certificate": issued.pem,
            "CertificateChain": issued.chain_pem(),
            "PrivateKey": issued.key_pem(),
        },
        indent=4,
    )


def vault_data(issued: Issued) -> dict[str, object]:
    """Return the data that the PKI engine of Vault issues."""
    chain = [to_pem(each).strip() for each in issued.issuers]
    return {
        "ca_chain": chain,
        "certificate": issued.pem.strip(),
        "expiration": 1922788800,
        "issuing_ca": chain[0],
        "private_key": issued.key_pem().strip(),
        "private_key_type": "ec",
        "serial_number": "39:dd:2e:90",
    }


def vault_issue(issued: Issued) -> str:
    """Write the whole answer of Vault."""
    return json.dumps({"request_id": "b0b", "lease_id": "", "data": vault_data(issued)})


def cfssl(issued: Issued) -> str:
    """Write what ``cfssl gencert`` prints with the chain of ``cfssl bundle``."""
    return json.dumps(
        {
            "cert": issued.pem,
            "csr": request_pem(issued),
            "key": issued.key_pem(),
            "bundle": issued.fullchain_pem(root=True),
        }
    )


def kubernetes_secret(issued: Issued, name: str = "tls") -> dict[str, object]:
    """Return a TLS secret of Kubernetes, as cert-manager makes it and ``kubectl apply`` notes it."""
    data = _data(issued)
    applied = json.dumps({"apiVersion": "v1", "data": {**data, "tls.key": in_base64(_OTHER)}})
    return {
        "apiVersion": "v1",
        "data": data,
        "kind": "Secret",
        "metadata": {
            "annotations": {"kubectl.kubernetes.io/last-applied-configuration": applied},
            "name": name,
        },
        "type": "kubernetes.io/tls",
    }


def _data(issued: Issued) -> dict[str, str]:
    return {
        "ca.crt": in_base64(to_pem(issued.issuers[-1])),
        "tls.crt": in_base64(issued.fullchain_pem()),
        "tls.key": in_base64(issued.key_pem()),
    }


_OTHER = "-----BEGIN PRIVATE KEY-----\nMAA=\n-----END PRIVATE KEY-----\n"


def kubernetes_json(issued: Issued) -> str:
    """Write what ``kubectl get secret -o json`` prints."""
    return json.dumps(kubernetes_secret(issued), indent=4)


def kubernetes_yaml(issued: Issued) -> str:
    """Write what ``kubectl get secret -o yaml`` prints."""
    lines = "".join(f"  {name}: {value}\n" for name, value in _data(issued).items())
    return f"apiVersion: v1\ndata:\n{lines}kind: Secret\nmetadata:\n  name: tls\ntype: x\n"


def traefik(*sites: Issued) -> str:
    """Write the storage of Traefik, with the key of its account."""
    certificates = [
        {
            "domain": {"main": "www.example.com"},
            "certificate": in_base64(site.fullchain_pem(root=True)),
            "key": in_base64(site.key_pem()),
            "Store": "default",
        }
        for site in sites
    ]
    account = {
        "Email": "me@example.com",
        "PrivateKey": in_base64(sites[0].with_other_key().key_der()),
    }
    return json.dumps({"le": {"Account": account, "Certificates": certificates}})


def terraform_output(issued: Issued) -> str:
    """Write what ``terraform output -json`` prints."""
    values = {
        "chain_pem": issued.chain_pem(),
        "certificate_pem": issued.pem,
        "private_key_pem": issued.key_pem(),
    }
    return json.dumps(
        {name: {"sensitive": True, "type": "string", "value": v} for name, v in values.items()}
    )


def secret_value(issued: Issued) -> str:
    """Write what ``aws secretsmanager get-secret-value`` prints, with the secret as JSON in JSON."""
    return json.dumps({"Name": "tls", "SecretString": acm_export(issued), "CreatedDate": 1.5e9})


def azure_pkcs12(issued: Issued) -> str:
    """Write what ``az keyvault secret show`` prints of a certificate."""
    return json.dumps(
        {"contentType": "application/x-pkcs12", "value": in_base64(issued.pkcs12(None))}
    )


def azure_pem(issued: Issued) -> str:
    """Write the same of a certificate that is kept in PEM."""
    content = issued.key_pem() + issued.fullchain_pem(root=True)
    return json.dumps({"contentType": "application/x-pem-file", "value": content})


def environment_file(issued: Issued) -> str:
    """Write a file of variables whose values are in base64."""
    return (
        f"# made by hand\nTLS_CERT={in_base64(issued.fullchain_pem(root=True))}\n"
        f"export TLS_KEY='{in_base64(issued.key_pem())}'\n"
    )


def php_fields(issued: Issued) -> str:
    """Write fields of other names as PHP does, which escapes every slash."""
    fields = {"ca": issued.chain_pem(), "key": issued.key_pem(), "cert": issued.pem}
    return json.dumps(fields).replace("/", "\\/")


DOCUMENTS: dict[str, Callable[[Issued], str]] = {
    "ACM": acm_export,
    "Vault": vault_issue,
    "Vault's data": lambda issued: json.dumps(vault_data(issued)),
    "cfssl": cfssl,
    "Kubernetes JSON": kubernetes_json,
    "Kubernetes YAML": kubernetes_yaml,
    "Traefik": traefik,
    "Terraform": terraform_output,
    "Secrets Manager": secret_value,
    "Azure PKCS#12": azure_pkcs12,
    "Azure PEM": azure_pem,
    "environment": environment_file,
    "PHP": php_fields,
}
"""By the program that writes them; each has leaf, whole chain and private key."""
