"""The demande: its life, its recommendations, its decisions."""
