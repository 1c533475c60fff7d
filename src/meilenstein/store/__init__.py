"""PostgreSQL: migrations, named queries, and one repository per aggregate."""
