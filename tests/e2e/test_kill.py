"""kill -9 of the worker, of the control plane and of both, at moments that failpoints choose and count."""
import os
import random
import signal
import time

import pytest

import pipeline
import service

KILLS_EACH = 10


@pytest.fixture(name='server')
def fixture_server(tmp_path):
    server = service.Service(tmp_path)
    server.start()
    yield server
    server.close()


def kill_at_failpoint(line, name):
    """The worker dies the next time it passes the place; rows arrive meanwhile."""
    before = line.server.times_fired(name)
    line.server.arm(f'{name}=kill')
    line.feed()
    service.wait_for(f'{name} to fire', lambda: line.server.times_fired(name) > before)


def kill_in_restore(line):
    before = line.server.times_fired('restore.midway')
    line.server.arm('restore.midway=kill')
    line.server.kill_workers()
    line.feed()
    service.wait_for('a restore to die', lambda: line.server.times_fired('restore.midway') > before)


def kill_control_between_intent_and_engine(line, number):
    """The service dies once the intent of a snapshot is stored and before the engine hears of it."""
    line.server.arm('control.after_intent=kill')
    line.feed()
    try:
        line.server.flink.create_application_snapshot(ApplicationName=line.name, SnapshotName=f'snapshot-{number}')
    except Exception:  # the connection breaks, by design
        pass
    service.wait_for('the service to die', lambda: not line.server.alive())
    line.server.start()


def pass_time(draw):
    """Up to half a second: a few checkpoints."""
    time.sleep(draw.random() / 2)


def kill_worker_at_random(line, draw):
    line.feed()
    service.wait_for('a worker', lambda: line.server.workers() or None)
    pass_time(draw)
    line.server.kill_workers()


def kill_both(line, draw):
    line.feed()
    pass_time(draw)
    line.server.kill_workers()
    line.server.kill()
    line.server.start()


def test_sixty_kills_lose_nothing_and_double_nothing(server):
    draw = random.Random(7)
    line = pipeline.Pipeline(server, parallelism=2)
    server.start_application(line.name)
    server.await_status(line.name, 'RUNNING')
    kinds = {
        'barrier seen, manifest not published': lambda n: kill_at_failpoint(line, 'barrier.seen'),
        'manifest published, files not committed': lambda n: kill_at_failpoint(line, 'commit.before'),
        'restore under way': lambda n: kill_in_restore(line),
        'between intent and engine call': lambda n: kill_control_between_intent_and_engine(line, n),
        'worker, at random': lambda n: kill_worker_at_random(line, draw),
        'worker and control plane, at random': lambda n: kill_both(line, draw),
    }
    moments = [kind for kind in kinds for _ in range(KILLS_EACH)]
    draw.shuffle(moments)
    for number, kind in enumerate(moments):
        kinds[kind](number)
        server.await_status(line.name, 'RUNNING')
        line.await_copies()
    for name in ('barrier.seen', 'commit.before', 'restore.midway', 'control.after_intent'):
        assert server.times_fired(name) >= KILLS_EACH, f'{name} was reached too seldom'
    line.feed_marker()
    line.check_counts()
    snapshots = server.snapshots(line.name)
    assert snapshots and set(snapshots.values()) <= {'READY', 'FAILED'}
    assert 'READY' in snapshots.values()


def test_stopped_worker_is_killed_and_replaced(tmp_path):
    server = service.Service(tmp_path, ['--worker-timeout', '3'])
    server.start()
    try:
        line = pipeline.Pipeline(server)
        server.start_application(line.name)
        server.await_status(line.name, 'RUNNING')
        line.feed()
        line.await_copies()
        (old,) = server.workers()
        os.kill(old, signal.SIGSTOP)
        line.feed()
        service.wait_for('another worker', lambda: server.workers() and old not in server.workers())
        line.await_copies()
    finally:
        server.close()


def test_zombie_beside_its_successor_cannot_commit(tmp_path):
    server = service.Service(tmp_path, ['--worker-timeout', '3'])
    server.start()
    try:
        line = pipeline.Pipeline(server)
        server.start_application(line.name)
        server.await_status(line.name, 'RUNNING')
        line.feed()
        line.await_copies()
        (old,) = server.workers()
        # Of the reconciler, and of the launch.
        server.arm('engine.kill=skip', 'engine.kill=skip', 'engine.take_over=skip')
        os.kill(old, signal.SIGSTOP)
        line.feed()
        service.wait_for('a successor', lambda: len(server.workers()) == 2)
        line.await_copies()
        os.kill(old, signal.SIGCONT)
        line.feed()
        service.wait_for('the zombie to give up', lambda: old not in server.workers())
        line.await_copies()
        line.feed_marker()
        line.check_counts()
    finally:
        server.close()
