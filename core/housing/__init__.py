"""Organisations, programmes, units, vacancies: who houses, in what, when a place is free."""
