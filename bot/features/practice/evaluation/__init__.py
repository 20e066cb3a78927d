"""Measures the coach by cross-validation: `make coach-eval PAIR=PATH`. Needs the development tools."""
