"""What one person may ask of the law: a copy of all that is held of them, and its erasure."""
