"""The contracts between agencies: event schemas, agencies, authority, agreements, topics and visibility, as data."""
