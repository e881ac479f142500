"""The Salesforce practice org: `org` is the engine without HTTP, `http` its web surface."""
