"""Electronic licenses (电子证照, GB/T 36901 to 36906): issued, acted upon, read with a purpose, checked, copied, presented."""
