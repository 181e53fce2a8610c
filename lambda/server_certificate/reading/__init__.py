"""From what a user gave to certificates and keys: the forms that people have them in, one a file."""
