"""Who may do what to which: one policy, asked on every path."""
