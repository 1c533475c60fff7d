from __future__ import annotations

from meilenstein.embedded.kafka import cluster_id


def test_a_cluster_id_never_looks_like_an_option_of_the_command_it_is_passed_to():
    drawn = iter([b"\xf8" + bytes(15), b"\xfb" * 16, b"\x01" * 16])
    assert cluster_id(lambda: next(drawn)) == "AQEBAQEBAQEBAQEBAQEBAQ"
    assert len(cluster_id()) == 22
