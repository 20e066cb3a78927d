"""Figures that the project states, measured. `make bench` prints all of them."""
