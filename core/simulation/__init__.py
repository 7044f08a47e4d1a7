"""Past months of a list replayed under another ranking rule: who would have been referred."""
