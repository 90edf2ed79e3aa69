"""GraphQL: one noun, one file. Speaks to queries and verbs, never to tables; knows nothing of Flask."""
