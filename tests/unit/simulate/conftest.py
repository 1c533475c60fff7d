from __future__ import annotations

import datetime as dt

import pytest

from meilenstein.simulate.simulation import Simulation, simulate
from meilenstein_schemas.agencies import Directory, load_directory

UNTIL = dt.date(2026, 8, 14)


@pytest.fixture(scope="session")
def directory() -> Directory:
    return load_directory()


@pytest.fixture(scope="session")
def simulation(directory: Directory) -> Simulation:
    """A month with all defects."""
    return simulate(seed=1, cases=400, until=UNTIL, directory=directory)


@pytest.fixture(scope="session")
def clean(directory: Directory) -> Simulation:
    """A month in which nothing is wrong."""
    return simulate(seed=1, cases=400, until=UNTIL, directory=directory, defects=None)


@pytest.fixture(scope="session")
def small(directory: Directory) -> Simulation:
    """The fewest cases in which every defect occurs."""
    return simulate(seed=1, cases=100, until=UNTIL, directory=directory)
