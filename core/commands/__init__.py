"""The subcommands of , one file a family."""
