"""The known ways to publish rows twice: a control plane that dies in the middle of a start or a stop."""
import glob
import os

import botocore.exceptions
import pytest

import pipeline
import service


@pytest.fixture(name='line')
def fixture_line(tmp_path):
    server = service.Service(tmp_path)
    server.start()
    line = pipeline.Pipeline(server)
    yield line
    server.close()


def run_and_stop(line):
    """A first run that leaves a snapshot and published rows behind."""
    line.server.start_application(line.name)
    line.server.await_status(line.name, 'RUNNING')
    line.feed()
    line.await_copies()
    line.server.flink.stop_application(ApplicationName=line.name)
    line.server.await_status(line.name, 'READY')


def die_at(line, failpoint, call):
    """Lets the service die at the place that the call leads to."""
    line.server.arm(f'{failpoint}=kill')
    try:
        call()
    except botocore.exceptions.HTTPClientError:
        pass  # the connection broke
    service.wait_for('the service to die', lambda: not line.server.alive())


def finish(line):
    line.feed_marker()
    line.check_copies()
    line.check_counts()


def test_start_resumed_after_a_crash_goes_on_from_the_checkpoint_not_the_snapshot(line):
    server = line.server
    run_and_stop(line)
    line.feed()
    die_at(line, 'control.after_engine_call',
           lambda: server.start_application(line.name, 'RESTORE_FROM_LATEST_SNAPSHOT'))
    line.await_copies()  # the worker runs on without its control plane, and makes checkpoints
    server.kill_workers()
    server.start()
    server.await_status(line.name, 'RUNNING')
    line.feed()
    line.await_copies()
    finish(line)


def test_start_cut_off_before_the_engine_was_called_is_finished_or_rolled_back(line):
    server = line.server
    run_and_stop(line)
    line.feed()
    die_at(line, 'control.after_intent', lambda: server.start_application(line.name, 'RESTORE_FROM_LATEST_SNAPSHOT'))
    server.start()
    if server.await_status(line.name, 'RUNNING', 'READY') and server.status(line.name) == 'READY':
        server.start_application(line.name, 'RESTORE_FROM_LATEST_SNAPSHOT')
        server.await_status(line.name, 'RUNNING')
    line.await_copies()
    finish(line)


def test_worker_of_a_start_that_was_cut_off_is_adopted_not_doubled(line):
    server = line.server
    die_at(line, 'control.after_engine_call', lambda: server.start_application(line.name))
    server.start()
    server.await_status(line.name, 'RUNNING')
    assert len(server.workers()) == 1
    line.feed()
    line.await_copies()
    assert len(server.workers()) == 1
    finish(line)


@pytest.mark.parametrize('failpoint', ['control.after_intent', 'control.after_engine_call'])
def test_stop_cut_off_by_a_crash_keeps_its_state(line, failpoint):
    server = line.server
    server.start_application(line.name)
    server.await_status(line.name, 'RUNNING')
    line.feed()
    line.await_copies()
    die_at(line, failpoint, lambda: server.flink.stop_application(ApplicationName=line.name))
    line.feed()
    server.start()
    if server.await_status(line.name, 'RUNNING', 'READY') and server.status(line.name) == 'READY':
        assert not server.workers()
        server.start_application(line.name, 'RESTORE_FROM_LATEST_SNAPSHOT')
        server.await_status(line.name, 'RUNNING')
    line.await_copies()
    finish(line)


def test_damaged_checkpoint_is_refused_and_the_one_before_it_used(line):
    server = line.server
    server.start_application(line.name)
    server.await_status(line.name, 'RUNNING')
    line.feed()
    line.await_copies()
    # Two more checkpoints of the same rows: what the damaged one published, the one before it published too.
    reached = newest_record(server)
    service.wait_for('more checkpoints', lambda: newest_record(server) >= reached + 3)
    server.arm('restore.midway=stop')  # no successor may write a newer checkpoint meanwhile
    server.kill_workers()
    service.wait_for('the successor to stand still', lambda: server.times_fired('restore.midway') > 0)
    damage_newest_checkpoint(server)
    server.kill_workers()
    server.await_status(line.name, 'RUNNING')
    line.await_copies()
    finish(line)
    assert 'amaged' in worker_log(server)


def records(server):
    """The run's checkpoint log, oldest first."""
    runs = os.path.join(server.data, 'applications', '*', 'runs', '*')
    return sorted(glob.glob(os.path.join(runs, 'checkpoints', 'log', '[0-9]*')))


def newest_record(server):
    found = records(server)
    return int(os.path.basename(found[-1])) if found else 0


def damage_newest_checkpoint(server):
    manifest = [path for path in records(server) if os.path.getsize(path) > 300][-1]
    with open(manifest, 'r+b') as file:
        file.seek(os.path.getsize(manifest) // 2)
        byte = file.read(1)
        file.seek(-1, os.SEEK_CUR)
        file.write(bytes([byte[0] ^ 1]))


def worker_log(server):
    text = ''
    for path in glob.glob(os.path.join(server.data, 'applications', '*', 'runs', '*', 'worker.log')):
        with open(path, encoding='utf-8') as file:
            text += file.read()
    return text
