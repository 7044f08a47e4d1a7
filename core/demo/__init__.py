"""The demonstration: four territories that lived two years, made through the services alone."""
