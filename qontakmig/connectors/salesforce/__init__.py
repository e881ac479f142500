"""Salesforce as a destination, over simple-salesforce.

Vendor facts in this package come from the REST, Bulk API 2.0, Metadata API and object reference
guides on developer.salesforce.com, read in 2026.
"""
