"""Regions and places: who serves where."""
