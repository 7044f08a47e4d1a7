"""The portal in a browser without script."""
