"""Two calculators that agents use on their own: the cotation grid of 2019 and the reste-pour-vivre."""
