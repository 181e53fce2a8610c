"""
Normalize certificates that OpenSSL reads but a strict parser rejects.

Normalization doesn't change the content of a certificate. The copy is only for reading: the
original encoding gets uploaded, compared and verified.
"""
