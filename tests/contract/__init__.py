"""What every plugin and face keeps, whoever wrote it."""
