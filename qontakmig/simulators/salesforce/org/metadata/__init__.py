"""Metadata: packages of components that change the schema, deployed as a whole."""
