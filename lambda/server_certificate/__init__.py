"""
Server certificates as IAM takes them: read, convert, check and name.

Pure: the standard library and ``cryptography``, no AWS, no clock, no network.
"""
