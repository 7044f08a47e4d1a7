"""The platform: households and placements at the core, plugins around it."""
