"""Telling a browser something while no page of ours is open: Web Push (RFC 8030), encrypted and signed here."""
