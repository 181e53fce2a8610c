"""What the example of all sources reads: secrets, parameters and objects, with versions."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from dev.certificates.forms import PASSPHRASE

if TYPE_CHECKING:
    from dev.certificates.authority import Issued
    from local_cloud import LocalCloud

BUCKET: Final = "tls"
BUNDLE: Final = "www/certificate"
"""The secret whose new versions renew a certificate by themselves."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Versions:
    """The versions under which a certificate was stored."""

    json_secret: str
    binary_secret: str
    parameter: str
    stored_object: str


class Sources:
    """
    An account's secrets, parameters and objects, all under one customer-managed key.

    Args:
        cloud: The local cloud; they are in its first Region.
    """

    def __init__(self, cloud: LocalCloud) -> None:
        self.key_arn: str = cloud.client("kms").create_key()["KeyMetadata"]["Arn"]
        self._secrets: Any = cloud.client("secretsmanager")
        self._parameters: Any = cloud.client("ssm")
        self._objects: Any = cloud.client("s3")
        location = {"LocationConstraint": cloud.region}
        self._objects.create_bucket(Bucket=BUCKET, CreateBucketConfiguration=location)
        enabled = {"Status": "Enabled"}
        self._objects.put_bucket_versioning(Bucket=BUCKET, VersioningConfiguration=enabled)
        for name in ("www/json", "www/pfx", "www/passphrase"):
            self._secrets.create_secret(Name=name, KmsKeyId=self.key_arn)
        self._secrets.create_secret(Name=BUNDLE)
        self._secrets.put_secret_value(SecretId="www/passphrase", SecretString=PASSPHRASE)

    def store(self, material: Issued) -> dict[str, str]:
        """Store a certificate in every source; return the context that declares it, except for the files."""
        versions = self._store(material)
        return {
            "bucket": BUCKET,
            "kms-key": self.key_arn,
            "secret-version": versions.json_secret,
            "binary-version": versions.binary_secret,
            "parameter-version": versions.parameter,
            "object-version": versions.stored_object,
        }

    def store_bundle(self, material: Issued) -> None:
        """Store a certificate in the secret whose new versions renew it by themselves."""
        self._secrets.put_secret_value(SecretId=BUNDLE, SecretString=_bundle(material))

    def _store(self, material: Issued) -> Versions:
        container = material.pkcs12(PASSPHRASE)
        put = self._secrets.put_secret_value
        parameter = self._parameters.put_parameter(
            Name="/www/private-key",
            Type="SecureString",
            KeyId=self.key_arn,
            Value=material.key_pem(),
            Overwrite=True,
        )
        self._parameters.put_parameter(
            Name="/www/chain", Type="String", Value=material.chain_pem(), Overwrite=True
        )
        self._put("www.pem", material.pem.encode())
        return Versions(
            json_secret=put(SecretId="www/json", SecretString=_bundle(material))["VersionId"],
            binary_secret=put(SecretId="www/pfx", SecretBinary=container)["VersionId"],
            parameter=str(parameter["Version"]),
            stored_object=self._put("www.pfx", container),
        )

    def _put(self, key: str, body: bytes) -> str:
        version: str = self._objects.put_object(
            Bucket=BUCKET,
            Key=key,
            Body=body,
            ServerSideEncryption="aws:kms",
            SSEKMSKeyId=self.key_arn,
        )["VersionId"]
        return version


def _bundle(material: Issued) -> str:
    """Return a certificate in the format of `server-certificate store`."""
    fields = {
        "certificate": material.pem,
        "privateKey": material.key_pem(),
        "certificateChain": material.chain_pem(),
    }
    return json.dumps(fields)
