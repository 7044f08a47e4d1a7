"""Housing: programmes, units and vacancies."""
