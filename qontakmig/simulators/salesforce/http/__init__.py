"""The web surface of the Salesforce practice org."""
