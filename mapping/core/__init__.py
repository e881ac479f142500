"""Pure functions from a source record and a confirmed map to a planned row. No Django, no I/O."""
