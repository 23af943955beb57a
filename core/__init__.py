"""Letterspace: watch a neural language model learn the alphabet."""
