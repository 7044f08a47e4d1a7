"""The events, read back as a timeline."""
