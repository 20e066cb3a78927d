"""Kills the real bot over and over while it delivers, and counts what arrived. Run by `make chaos`."""
