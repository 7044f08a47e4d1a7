"""The ground: settings, clock, errors, the database and the only way to it."""
