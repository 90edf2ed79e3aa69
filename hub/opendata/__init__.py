"""Open data: data sets, releases, indicators."""
