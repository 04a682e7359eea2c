"""What the site has beside what Sphinx and MyST-NB bring: docs/conf.py names the parts."""
