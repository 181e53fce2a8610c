"""What octets and texts are, also where nothing here can read them."""
