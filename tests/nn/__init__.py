"""Networks: modules, layers and their first values."""
