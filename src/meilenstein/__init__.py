"""The pipeline: drain, validate, reconcile, feedback."""
