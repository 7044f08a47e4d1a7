"""Files of demandes from elsewhere: read, checked, written, reverted."""
