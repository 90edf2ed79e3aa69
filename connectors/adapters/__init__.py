"""Adapters: each knows only the protocol and the transport; they yield raw items and never touch the hub."""
