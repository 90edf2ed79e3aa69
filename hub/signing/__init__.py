"""Canonical bytes, keys, certificates and the signatures made over them; knows nothing of records, ledgers or pages."""
