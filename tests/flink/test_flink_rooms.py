"""Two applications side by side: a program that tries reaches nothing of the other."""
import os
import socket

import pytest
import urllib3
from flink_service import Ledger, wait_for


def targets(service, victim):
    """What the rogue is told to try, and the listener that must not be reached."""
    (run,) = [folder for folder in service.run_directories() if f'/{victim}-' in folder]
    listener = socket.create_server(('127.0.0.1', 0))
    port = listener.getsockname()[1]
    return listener, {
        'files': ' '.join([run, os.path.join(run, 'launch.json'), os.path.join(service.data, 'credentials'),
                           os.path.join(service.data, 'metadata.db'), os.path.join(service.data, 's3'),
                           os.path.join(service.data, 'ca', 'ca.key'), os.path.join(service.data, 'service.sock')]),
        'addresses': f'127.0.0.1:{port} {urllib3.util.parse_url(service.endpoint).netloc}',
        'processes': victim,
        'jobs': job_of(run)}


def job_of(run):
    (job,) = os.listdir(os.path.join(run, 'checkpoints'))
    return job


def test_nothing_of_another_application_can_be_reached(service):
    ledger = Ledger(service, 'victim')
    service.run('victim')
    ledger.feed()
    ledger.await_all()
    listener, settings = targets(service, 'victim')
    with listener:
        service.create('rogue', 'raudal.programs.Rogue', {'Rogue': settings})
        service.start_application('rogue')
        wait_for('the rogue\'s TaskManager to have tried',
                 lambda: 'The TaskManager reached' in service.logs('rogue') or service.status('rogue') == 'READY', 180)
        assert 'The TaskManager reached nothing.' in service.logs('rogue'), service.logs('rogue')[-3000:]
        assert service.status('rogue') in ('STARTING', 'RUNNING')
        listener.setblocking(False)
        with pytest.raises(BlockingIOError):
            listener.accept()
    # The victim never noticed.
    ledger.feed()
    ledger.await_all()


def test_what_the_rogue_may_read_it_reports(service):
    """The test above can fail: the same program says so when it reaches something."""
    service.create('rogue', 'raudal.programs.Rogue', {'Rogue': {'files': '/etc/flink/application_properties.json'}})
    error = service.failure_of_start('rogue')
    assert 'The JobManager reached: [/etc/flink/application_properties.json]' in error


def test_sees_its_own_properties_alone(service):
    """Of two applications at once, each reads its own file."""
    first, second = Ledger(service, 'first'), Ledger(service, 'second')
    service.run('first')
    service.run('second')
    for ledger in (first, second):
        ledger.feed()
    for ledger in (first, second):
        ledger.await_all()
