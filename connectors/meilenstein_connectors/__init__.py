"""The partner SDK: publish milestones of a case, read the answers and the cases you may know.

    with Publisher(agency="my-agency", source_system="files", outbox=path, transport=..., registry=...) as out:
        out.publish(ApplicationReceived(case_reference="H-9", occurred_on=date(2026, 3, 2), ...))
    with Inbox(agency="my-agency", transport=..., state=path) as box:
        for reply in box.replies(): ...

The parts: `events` (typed events), `publisher`, `inbox`, `kafka_transport` and `registry_client` (the network),
`errors` (what to do next), `testing` (doubles). `python -m meilenstein_connectors` does the same from the command
line.
"""
