"""What happens at synth: arguments are validated, material is checked, and names are compared."""
