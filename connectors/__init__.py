"""Other systems come in here: protocol, transport, run, schedule, registry and adapters (docs/architecture.md)."""
