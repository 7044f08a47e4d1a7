"""The core of Seuil: households and places, and the ground they stand on."""
