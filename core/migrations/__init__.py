"""The core's migrations, with the names Piccolo gives them."""
