"""What people who run the hub see: metrics, health, alarms, how the steps went. Nothing here is read by a step."""
