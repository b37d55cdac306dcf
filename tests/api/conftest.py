import itertools

import pytest

from service import Service

names = (f'application-{number}' for number in itertools.count(1))


@pytest.fixture(scope='session')
def service():
    running = Service().start()
    yield running
    running.close()


@pytest.fixture
def own_service():
    """A service that the test may stop and start; started by the test."""
    own = Service()
    yield own
    own.close()


@pytest.fixture
def client(service):
    return service.client()


@pytest.fixture
def name():
    return next(names)
