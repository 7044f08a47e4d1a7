"""Steps agreed with a household, each with a date: the plugin that `seuil plugin new` copies."""
