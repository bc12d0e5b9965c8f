"""Nonet: short videos and live, on a server that a community owns."""

__version__ = "0.1.0"
