"""The face of residents: where they see their pathway and are heard."""
