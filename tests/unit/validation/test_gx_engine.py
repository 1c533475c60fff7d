"""The address that Great Expectations is given."""

from __future__ import annotations

from sqlalchemy.engine import make_url

from meilenstein.validation.gx_engine import _sqlalchemy_url


def test_a_password_reaches_the_driver_whole_and_is_no_template_for_great_expectations():
    url = _sqlalchemy_url("postgresql://hub:p%24%7BHOME%7D%40%2F@127.0.0.1:5433/store?sslmode=require")
    assert "$" not in url
    parsed = make_url(url)
    assert (parsed.username, parsed.password, parsed.host, parsed.port, parsed.database) == (
        "hub",
        "p${HOME}@/",
        "127.0.0.1",
        5433,
        "store",
    )
    assert parsed.query["sslmode"] == "require"


def test_options_of_the_address_are_kept_beside_our_own():
    url = _sqlalchemy_url("host=127.0.0.1 dbname=store options='-c work_mem=8MB'")
    options = str(make_url(url).query["options"])
    assert options.startswith("-c work_mem=8MB -c search_path=scratch")
    assert "idle_in_transaction_session_timeout=30s" in options
