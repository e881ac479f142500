"""Pages of the project home, the sandbox, runs, records, rollbacks and the workbook."""
