"""Practice orgs: HTTP servers that behave like the vendors' systems, for people without an account.

Nothing here imports the product, so a mistake cannot hide by being made on both sides.
"""
