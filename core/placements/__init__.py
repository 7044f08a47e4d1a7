"""Referral, admission, stay, exit."""
