"""What is drawn: boxes, where Graphviz places them, and the SVG of it all."""
