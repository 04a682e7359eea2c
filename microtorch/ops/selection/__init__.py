"""Elements chosen, and elements put in their place: by index, by mask, by part. Nothing is computed with them."""
