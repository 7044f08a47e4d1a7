"""The migrations of the plugin, as Piccolo writes them."""
