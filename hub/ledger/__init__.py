"""Ledgers that everyone who may can read and check: tree, tiles, signed checkpoints, entries and their sequencing."""
