"""Verdicts on documents, asked for by digest."""
