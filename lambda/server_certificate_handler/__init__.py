"""The Lambda function behind the custom resource ``Custom::IamServerCertificate``."""
