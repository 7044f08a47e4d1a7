"""The housing request (demande): its life cycle, dates and completeness."""
