"""A session cluster that was there before: `flink.rest.address` leads a JAR to it, with all its life."""
import json
import os
import signal
import socket
import subprocess
import urllib.request

import pytest
from flink_service import FLINK_VERSION, wait_for

OPENED = ['java.lang', 'java.lang.reflect', 'java.net', 'java.io', 'java.nio', 'java.text', 'java.time', 'java.util',
          'java.util.concurrent', 'java.util.concurrent.atomic', 'java.util.concurrent.locks', 'sun.nio.ch']
SETTINGS = {
    'jobmanager.rpc.address': '127.0.0.1', 'jobmanager.bind-host': '127.0.0.1', 'rest.address': '127.0.0.1',
    'rest.bind-address': '127.0.0.1', 'taskmanager.host': '127.0.0.1', 'taskmanager.bind-host': '127.0.0.1',
    'taskmanager.numberOfTaskSlots': 2, 'taskmanager.cpu.cores': 2, 'web.refresh-interval': 100,
    'taskmanager.memory.framework.heap.size': '128m', 'taskmanager.memory.task.heap.size': '256m',
    'taskmanager.memory.framework.off-heap.size': '128m', 'taskmanager.memory.task.off-heap.size': '0b',
    'taskmanager.memory.network.min': '64m', 'taskmanager.memory.network.max': '64m',
    'taskmanager.memory.managed.size': '128m', 'taskmanager.memory.jvm-metaspace.size': '256m',
    'taskmanager.memory.jvm-overhead.min': '192m', 'taskmanager.memory.jvm-overhead.max': '192m',
    'cluster.registration.error-delay': '500 ms', 'restart-strategy.type': 'disable'}


def free_port():
    with socket.socket() as probe:
        probe.bind(('127.0.0.1', 0))
        return probe.getsockname()[1]


class SessionCluster:
    """A JobManager and a TaskManager, always on the same ports."""

    def __init__(self, folder, home):
        self.folder = str(folder)
        self.home = home
        self.rest_port = free_port()
        self.url = f'http://127.0.0.1:{self.rest_port}'
        self.children = []
        os.makedirs(os.path.join(self.folder, 'conf'))
        settings = {**SETTINGS, 'rest.port': self.rest_port, 'jobmanager.rpc.port': free_port(),
                    'io.tmp.dirs': self.folder, 'state.checkpoints.dir': 'file://' + self.folder + '/checkpoints'}
        with open(os.path.join(self.folder, 'conf', 'config.yaml'), 'w', encoding='utf-8') as file:
            file.writelines(f'{key}: {value}\n' for key, value in settings.items())

    def start(self):
        for main, heap in (('runtime.entrypoint.StandaloneSessionClusterEntrypoint', '512m'),
                           ('runtime.taskexecutor.TaskManagerRunner', '384m')):
            with open(os.path.join(self.folder, main.rsplit('.', 1)[-1] + '.log'), 'ab') as log:
                self.children.append(subprocess.Popen(
                    ['java', '-Xmx' + heap, '-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1',
                     *[f'--add-opens=java.base/{package}=ALL-UNNAMED' for package in OPENED],
                     '-cp', os.path.join(self.home, 'lib', '*'), 'org.apache.flink.' + main,
                     '--configDir', os.path.join(self.folder, 'conf')],
                    stdout=log, stderr=log, cwd=self.folder,
                    env=dict(os.environ, FLINK_CONF_DIR=os.path.join(self.folder, 'conf'))))
        wait_for('two slots', lambda: (self.get('/overview') or {}).get('slots-total') == 2, 120)
        return self

    def kill(self):
        for child in self.children:
            child.send_signal(signal.SIGKILL)
            child.wait()
        self.children = []

    def get(self, path):
        try:
            with urllib.request.urlopen(self.url + path, timeout=10) as answer:
                return json.load(answer)
        except (OSError, ValueError):
            return None

    def jobs(self, *states):
        return [job['id'] for job in (self.get('/jobs') or {'jobs': []})['jobs'] if job['status'] in states]

    def checkpoints(self, job):
        return (self.get(f'/jobs/{job}/checkpoints') or {'counts': {'completed': 0, 'restored': 0}})['counts']


@pytest.fixture(name='cluster')
def fixture_cluster(tmp_path, distributions):
    cluster = SessionCluster(tmp_path / 'cluster', os.path.join(distributions, FLINK_VERSION)).start()
    yield cluster
    cluster.kill()


def test_jar_lives_on_a_session_cluster(service, cluster, tmp_path):
    def options(**more):
        return {'flink.rest.address': cluster.url, 'flink.savepoint.directory': str(tmp_path / 'savepoints'), **more}

    def one_running_job():
        return len(cluster.jobs('RUNNING')) == 1 and cluster.jobs('RUNNING')[0]

    service.create('remote', 'raudal.CountingJob', {'raudal.run.options': options()}, checkpoint_interval_ms=500)
    service.run('remote')
    first = one_running_job()
    assert first
    assert service.snapshot('remote', 'before') == 'READY'
    assert any('_metadata' in files for _, _, files in os.walk(tmp_path / 'savepoints'))

    # A control plane that comes back finds its job.
    service.kill()
    service.start()
    service.await_status('remote', 'RUNNING')
    assert service.snapshot('remote', 'again') == 'READY'
    assert cluster.jobs('RUNNING') == [first]

    # An update goes on from a savepoint, as another job.
    ended = service.await_operation('remote', service.update('remote', ApplicationConfigurationUpdate={
        'EnvironmentPropertyUpdates': {'PropertyGroups': [
            {'PropertyGroupId': 'raudal.run.options', 'PropertyMap': options(**{'class': 'raudal.CountingJob'})},
            {'PropertyGroupId': 'more', 'PropertyMap': {'key': 'value'}}]}}))
    assert ended['OperationStatus'] == 'SUCCESSFUL', ended
    second = one_running_job()
    assert second and second != first
    assert cluster.jobs('FINISHED') == [first]
    assert cluster.checkpoints(second)['restored'] == 1

    # A cluster that died and came back empty gets the job again, from its last checkpoint.
    wait_for('checkpoints', lambda: cluster.checkpoints(second)['completed'] >= 8)
    cluster.kill()
    cluster.start()
    third = wait_for('the job to run again', one_running_job, 120)
    assert wait_for('its checkpoints', lambda: cluster.checkpoints(third)['completed']) > 0
    assert cluster.checkpoints(third)['restored'] == 1

    service.flink.stop_application(ApplicationName='remote')
    service.await_status('remote', 'READY')
    assert not cluster.jobs('RUNNING', 'CREATED', 'RESTARTING')


def test_cluster_of_another_version_is_refused(service, cluster):
    service.create('remote', 'raudal.CountingJob', {'raudal.run.options': {'flink.rest.address': cluster.url}},
                   runtime='FLINK-1_19')
    assert 'runtime is Flink 1.19' in service.failure_of_start('remote')
    assert not cluster.jobs('RUNNING', 'FAILED', 'CANCELED')
