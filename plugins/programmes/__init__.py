"""A territory's programmes: what they aim at, who is in them, what has been reached."""
