"""Electronic seals (电子印章): registered, granted, used."""
