"""One whole real instance on this machine: PostgreSQL, Kafka, the registry and Airflow as children of one command.

Nothing here needs root, a container runtime or system packages, and nothing listens beyond 127.0.0.1.
`stack.Stack` starts and stops the parts, `supervisor` is what `meilenstein up` and `down` do, `status` and `doctor`
look at an instance from outside.
"""
