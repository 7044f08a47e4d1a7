"""The ground: what every storey above stands on."""
