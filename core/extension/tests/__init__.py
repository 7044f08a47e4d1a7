"""Tests of what a plugin author reads."""
