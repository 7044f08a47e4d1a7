"""The face of professionals: the back-office."""
