"""Certificates: their encoding, their content, and who signed which."""
