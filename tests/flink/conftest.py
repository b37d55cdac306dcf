"""Real Flink, installed by the product itself, and the JAR of the test programs, built by Maven; both made once."""
import os
import subprocess

import pytest

import flink_service
from flink_service import FlinkService

STORE = os.path.join(flink_service.ROOT, 'build', 'flink')


def prepared(what, command, folder=None):
    """Runs a command that needs the Maven repositories; where they do not answer, these tests are skipped."""
    ended = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    if ended.returncode:
        words = (ended.stdout + ended.stderr)[-2000:]
        if os.environ.get('RAUDAL_REQUIRE_FLINK'):
            pytest.fail(f'{what}: {words}')
        pytest.skip(f'SKIPPED, no real Flink here: {what}: {words}')


@pytest.fixture(scope='session', name='distributions')
def fixture_distributions():
    os.makedirs(STORE, exist_ok=True)
    prepared('raudal flink install',
             [flink_service.RAUDAL, 'flink', 'install', flink_service.FLINK_VERSION, '--data', STORE])
    prepared('mvn package', ['mvn', '-q', '-B', 'package'], flink_service.PROGRAMS)
    return os.path.join(STORE, 'flink')


@pytest.fixture(name='service')
def fixture_service(tmp_path, distributions):
    service = FlinkService(tmp_path, distributions)
    service.start()
    yield service
    service.close()
