"""Applicants' own signatures (电子签名): asked for, handed over to a phone, made, and bound to exactly the files signed."""
