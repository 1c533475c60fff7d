"""Stewardship: what people decide, once each, with actor, reason and, where the policy asks, a second person."""
