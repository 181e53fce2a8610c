"""What happens when an app is synthesised: arguments are read, material is checked, names are claimed."""
