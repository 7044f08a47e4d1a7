"""From a request to a page: deps, guards, errors, templates, htmx, forms, sessions."""
