"""Plugins: what each territory does, one folder each."""
