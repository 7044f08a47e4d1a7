"""Imports: files of demandes, read from any team's shape into households and people."""
