"""The limit: poll (and decode) everything with kafka-python and fastavro, and nothing else; no code of the product."""

import io
import json
import struct
import sys
import time

import fastavro
import requests
from kafka import KafkaConsumer, TopicPartition

servers, registry, what, *topics = sys.argv[1:]
pairs = [TopicPartition(topic, 0) for topic in topics]
consumer = KafkaConsumer(bootstrap_servers=servers, group_id=None, max_poll_records=5000, fetch_max_bytes=50 * 2**20,
                         max_partition_fetch_bytes=8 * 2**20, fetch_max_wait_ms=50)  # fmt: skip
consumer.assign(pairs)
consumer.seek_to_beginning(*pairs)
total, done, schemas = sum(consumer.end_offsets(pairs).values()), 0, {}
began, cpu = time.monotonic(), time.process_time()
while done < total:
    for records in consumer.poll(timeout_ms=500).values():
        done += len(records)
        for record in records if what == "decode" else ():
            number = struct.unpack(">I", record.value[1:5])[0]
            if number not in schemas:
                text = requests.get(f"{registry}/schemas/ids/{number}", timeout=10).json()["schema"]
                schemas[number] = fastavro.parse_schema(json.loads(text))
            fastavro.schemaless_reader(io.BytesIO(record.value[5:]), schemas[number], None)
seconds, cpu = time.monotonic() - began, time.process_time() - cpu
sys.stdout.write(json.dumps({"records": done, "seconds": seconds, "cpu": cpu}) + "\n")
