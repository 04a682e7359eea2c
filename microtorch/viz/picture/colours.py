"""The palette: blue and vermillion are Okabe and Ito's, rust is vermillion dark enough for words."""

INK, GREY, RULE, WHITE = "#1A1A1A", "#595959", "#8C8C8C", "#FFFFFF"
BLUE, BLUE_PALE, NAVY = "#0072B2", "#E3EFF7", "#005A8D"  # Functions; navy is blue dark enough for words
VERMILLION, RUST = "#D55E00", "#9C4500"  # gradients
PEACH, CORAL = "#FDF3EC", "#E0A37A"  # what a backward pass has made, and its border
YELLOW, YELLOW_DEEP = "#FFFBD9", "#FBF0AE"  # Variables
FOG, FOG_PALE = "#EFEFEF", "#F6F6F6"  # what has no gradient, what was saved, what stands outside
WIRE = "#333333"  # values
