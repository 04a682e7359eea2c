"""The course as a site: made without a warning, whole, and read from files with no network."""
