"""What leaves for people, and what they write to the team."""
