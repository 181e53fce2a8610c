"""
What OpenSSL reads and a strict parser refuses: copies of certificates in which it is put right.

Nothing here changes what a certificate says. A copy is for reading only; what is uploaded, compared
and verified is the octets as they were given.
"""
