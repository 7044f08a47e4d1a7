"""Who may come in, as what, and how they sign in."""
