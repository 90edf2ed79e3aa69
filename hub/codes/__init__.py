"""Codes of persons, organisations, places, items and licenses: parse, check and mint, and nothing else.

Pure: no database, no clock, no network. Every refusal is a `CodeInvalid`; a doubt that does not refuse is a warning
on the parsed value.
"""
