"""The operations, wing by wing: a table of rows that are checked in every way, and what no row says."""
