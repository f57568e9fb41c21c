"""Connectors that ship with cxm."""
