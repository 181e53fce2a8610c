"""
Certificates from every source: files, secrets, parameters, objects, and whole bundles.

Each source may be in a version of its own. A version that stands in the template makes a renewed
secret an update: ``cdk deploy -c secret-version=…`` replaces exactly the certificates that come from it.
Everything is read by the function, when it deploys, and may be read by it alone.

Context values (``cdk deploy -c key=value``): ``certificate`` and ``chain``, PEM files, default
``certificate.pem`` and ``certificate-chain.pem``; ``bucket``, a bucket with ``www.pfx`` and ``www.pem``,
default ``tls``; ``kms-key``, the ARN of the customer-managed key that everything is encrypted with,
default none; ``secret-version`` and ``binary-version`` (of ``www/json`` and ``www/pfx``),
``parameter-version`` and ``object-version``, default the newest; ``name``, what the certificates' names
begin with, and their ``path``, default generated names and ``/``; ``propagation``, seconds to wait until consumers know a certificate, default 30, and 0 in the local cloud.

The secrets: ``www/json``, as ``server-certificate store`` writes it; ``www/pfx``, PKCS#12 as binary;
``www/passphrase``. The parameters: ``/www/private-key``, a SecureString, and ``/www/chain``, a String.
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
        # By its name alone a secret could be imported more easily, but without its key.
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
