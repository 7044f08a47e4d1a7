"""What a plugin author reads, the whole of it: hooks, contributions, registry, context."""
