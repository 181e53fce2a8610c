"""
Certificates from all sources: files, secrets, parameters, S3 objects and bundles.

You can select the version of each source. If the version is in the template, a new version is an
update: ``cdk deploy -c secret-version=…`` renews exactly the certificates from this secret. Files are
read at synth. All other sources are read at deploy time by the function, which is the only one to get
permission to read them.

This example uses these secrets: ``www/json``, as written by ``server-certificate store``; ``www/pfx``,
PKCS#12 as binary data; ``www/passphrase``. It uses these parameters: ``/www/private-key``, a
SecureString; ``/www/chain``, a String.

Context values (``cdk deploy -c key=value``):

* ``certificate``: PEM file with the certificate. Default: ``certificate.pem``
* ``chain``: PEM file with the chain. Default: ``certificate-chain.pem``
* ``bucket``: bucket with ``www.pfx`` and ``www.pem``. Default: ``tls``
* ``kms-key``: ARN of the customer managed key that encrypts all sources. Default: none
* ``secret-version``, ``binary-version``: versions of ``www/json`` and ``www/pfx``. Default: the current
  versions
* ``parameter-version``, ``object-version``: versions of ``/www/private-key`` and ``www.pfx``. Default:
  the latest versions
* ``name``: prefix of the certificates' names. Default: generated names
* ``path``: path of the certificates. Default: ``/``
* ``propagation``: seconds to wait after an upload. Default: 30. Use 0 in the local cloud
"""

from __future__ import annotations

import os

from aws_cdk import App, ArnFormat, Duration, Environment, Stack
from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_secretsmanager as secretsmanager
from aws_cdk import aws_ssm as ssm
from constructs import Construct

from cdk_iam_server_certificate import (
    BundleSource,
    CertificateMaterial,
    CertificateSource,
    PassphraseSource,
    PrivateKeySource,
    ServerCertificate,
)


class SourcesStack(Stack):
    """One certificate for each way to declare its material."""

    def __init__(self, scope: Construct, construct_id: str, *, env: Environment) -> None:
        super().__init__(scope, construct_id, env=env)
        context = self.node.try_get_context
        key_arn = context("kms-key")
        self._key = kms.Key.from_key_arn(self, "Key", key_arn) if key_arn else None
        stored, secret_version = self._secret("www/json"), context("secret-version")
        number = context("parameter-version")
        bucket = s3.Bucket.from_bucket_attributes(
            self, "Bucket", bucket_name=context("bucket") or "tls", encryption_key=self._key
        )
        passphrase = PassphraseSource.from_secret(self._secret("www/passphrase"))

        self._certify(
            "Files",
            CertificateMaterial.from_parts(
                certificate=CertificateSource.from_file(
                    context("certificate") or "certificate.pem"
                ),
                chain=CertificateSource.from_file(context("chain") or "certificate-chain.pem"),
                private_key=PrivateKeySource.from_secret(stored, json_field="privateKey"),
            ),
        )
        self._certify(
            "Fields",
            CertificateMaterial.from_parts(
                certificate=CertificateSource.from_secret(
                    stored, json_field="certificate", version_id=secret_version
                ),
                chain=CertificateSource.from_secret(
                    stored, json_field="certificateChain", version_id=secret_version
                ),
                private_key=PrivateKeySource.from_secret(
                    stored, json_field="privateKey", version_id=secret_version
                ),
            ),
        )
        self._certify(
            "Stored",
            CertificateMaterial.from_bundle(
                BundleSource.from_secret(stored, version_id=secret_version)
            ),
        )
        self._certify(
            "Binary",
            CertificateMaterial.from_bundle(
                BundleSource.from_secret(
                    self._secret("www/pfx"), version_id=context("binary-version")
                ),
                passphrase=passphrase,
            ),
        )
        self._certify(
            "Object",
            CertificateMaterial.from_bundle(
                BundleSource.from_bucket(
                    bucket, "www.pfx", object_version=context("object-version")
                ),
                passphrase=passphrase,
            ),
        )
        self._certify(
            "Mixed",
            CertificateMaterial.from_parts(
                certificate=CertificateSource.from_bucket(bucket, "www.pem"),
                chain=CertificateSource.from_parameter(
                    ssm.StringParameter.from_string_parameter_name(self, "Chain", "/www/chain")
                ),
                private_key=PrivateKeySource.from_parameter(
                    ssm.StringParameter.from_secure_string_parameter_attributes(
                        self, "PrivateKey", parameter_name="/www/private-key"
                    ),
                    version=int(number) if number else None,
                    encryption_key=self._key,
                ),
            ),
        )

    def _secret(self, name: str) -> secretsmanager.ISecret:
        # from_secret_name_v2 would be shorter, but can't take the encryption key.
        arn = self.format_arn(
            service="secretsmanager",
            resource="secret",
            resource_name=name,
            arn_format=ArnFormat.COLON_RESOURCE_NAME,
        )
        return secretsmanager.Secret.from_secret_attributes(
            self, f"Secret-{name}", secret_partial_arn=arn, encryption_key=self._key
        )

    def _certify(self, construct_id: str, material: CertificateMaterial) -> None:
        context = self.node.try_get_context
        name = context("name")
        ServerCertificate(
            self,
            construct_id,
            material=material,
            server_certificate_name=f"{name}-{construct_id.lower()}" if name else None,
            path=context("path") or "/",
            propagation_time=Duration.seconds(int(context("propagation") or "30")),
        )


app = App()
SourcesStack(
    app,
    "Sources",
    env=Environment(
        account=os.environ.get("CDK_DEFAULT_ACCOUNT"),
        region=os.environ.get("CDK_DEFAULT_REGION"),
    ),
)
app.synth()
