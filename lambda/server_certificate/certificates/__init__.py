"""Certificates: their octets, what they say, and who signed whom."""
