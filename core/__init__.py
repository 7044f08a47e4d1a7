"""The core: households and placements, and the ground they stand on."""
