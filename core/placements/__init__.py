"""Placements: referral, admission, stay and exit."""
