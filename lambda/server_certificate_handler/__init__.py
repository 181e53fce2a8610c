"""The custom resource behind ``Custom::IamServerCertificate``: what runs in Lambda."""
