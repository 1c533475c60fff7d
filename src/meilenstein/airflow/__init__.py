"""What Airflow needs of us: the trigger that wakes the pipeline, and a small client for its REST interface."""
