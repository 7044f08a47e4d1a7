"""What holds for every plugin, installed or made in a test."""
