"""Approvals (电子批复): decision documents on their route to a seal."""
