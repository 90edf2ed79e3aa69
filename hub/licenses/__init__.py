"""Electronic licenses (电子证照): their types for now."""
