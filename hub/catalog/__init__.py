"""The service catalog: items, cross-region offers, bundles."""
