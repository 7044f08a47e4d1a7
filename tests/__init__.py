"""What crosses folders."""
