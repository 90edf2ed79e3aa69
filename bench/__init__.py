"""Measures, each beside a floor or a peer in the same run on the same machine; nothing else claims speed."""
