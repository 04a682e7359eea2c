"""The modules that come with the package, by subject; all are names in ``nn``."""
