"""Tests of the back-office."""
