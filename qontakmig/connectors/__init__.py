"""Connectors to the systems on both ends of a migration. They know no Django."""
