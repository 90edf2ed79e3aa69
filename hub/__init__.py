"""What the service knows and does: one room per noun, the same doors in each (docs/architecture.md)."""
