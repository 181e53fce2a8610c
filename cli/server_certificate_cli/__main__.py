"""What ``python -m server_certificate_cli`` runs."""

from server_certificate_cli.main import main

main()
