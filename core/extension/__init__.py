"""What a plugin author reads, the whole of it: hooks, contributions, manifest, registry, context."""
