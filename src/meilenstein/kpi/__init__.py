"""Monthly figures for the steering committee: counted from facts, protected before anybody sees them."""
