"""A territory: its sectors, code lists, dated settings."""
