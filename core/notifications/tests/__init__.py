"""Messages and what leaves for people."""
