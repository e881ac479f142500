"""Confirmed maps cannot be changed, whoever writes the SQL.

On SQLite a later migration that alters ``mapping_mapversion`` rebuilds the table and loses the
trigger: such a migration ends with ``RunPython(freeze, thaw)`` again.
"""

from django.db import migrations

SQLITE = """
CREATE TRIGGER mapping_confirmed_stays BEFORE UPDATE ON mapping_mapversion
WHEN OLD.state = 'confirmed'
BEGIN SELECT RAISE(ABORT, 'a confirmed map never changes'); END
"""

POSTGRESQL = """
CREATE FUNCTION mapping_confirmed_stays() RETURNS trigger AS $$
BEGIN RAISE EXCEPTION 'a confirmed map never changes' USING ERRCODE = 'restrict_violation'; END
$$ LANGUAGE plpgsql;
CREATE TRIGGER mapping_confirmed_stays BEFORE UPDATE ON mapping_mapversion
FOR EACH ROW WHEN (OLD.state = 'confirmed') EXECUTE FUNCTION mapping_confirmed_stays();
"""


def freeze(apps, schema_editor):
    statement = SQLITE if schema_editor.connection.vendor == "sqlite" else POSTGRESQL
    schema_editor.execute(statement, params=None)


def thaw(apps, schema_editor):
    if schema_editor.connection.vendor == "sqlite":
        schema_editor.execute("DROP TRIGGER mapping_confirmed_stays")
    else:
        schema_editor.execute("DROP TRIGGER mapping_confirmed_stays ON mapping_mapversion")
        schema_editor.execute("DROP FUNCTION mapping_confirmed_stays()")


class Migration(migrations.Migration):
    dependencies = [("mapping", "0001_initial")]
    operations = [migrations.RunPython(freeze, thaw)]
