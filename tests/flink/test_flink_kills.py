"""kill -9 of TaskManager, JobManager, supervisor and service, each followed by a look at every line of the output."""
import os
import random
import signal

from flink_service import JOB_MANAGER, TASK_MANAGER, Ledger, wait_for

KILLS = {'TaskManager': 12, 'JobManager': 10, 'both': 6, 'supervisor': 6, 'service and supervisor': 6}


def kill_supervisor(service):
    victims = wait_for('a supervisor', lambda: service.processes(b'raudal-flink'))
    for pid in victims:
        try:
            os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            pass


def kill(service, kind):
    if kind in ('TaskManager', 'both'):
        service.kill_java(TASK_MANAGER)
    if kind in ('JobManager', 'both'):
        service.kill_java(JOB_MANAGER)
    if kind == 'service and supervisor':
        service.kill()
    if 'supervisor' in kind:
        kill_supervisor(service)
    if kind == 'service and supervisor':
        service.start()


def test_forty_kills_lose_nothing_and_double_nothing(service):
    draw = random.Random(11)
    # The service waits ten seconds, as AWS does, before Flink restarts a job that lost a TaskManager.
    ledger = Ledger(service, checkpoint_interval_ms=500,
                    run_options={'restart-strategy.fixed-delay.delay': '1 s'})
    service.run(ledger.name)
    ledger.feed()
    ledger.await_all()
    moments = [kind for kind, times in KILLS.items() for _ in range(times)]
    assert len(moments) == 40
    draw.shuffle(moments)
    for kind in moments:
        ledger.feed(20)
        kill(service, kind)
        ledger.feed(20)
        ledger.await_all()
        assert len(service.java(JOB_MANAGER)) == 1, f'more than one job after: {kind}'
    service.flink.stop_application(ApplicationName=ledger.name)
    service.await_status(ledger.name, 'READY')
    ledger.check()


def test_killed_while_it_stops_with_a_savepoint(service):
    """Whenever the JobManager dies under a stop, the snapshot is whole and nothing is emitted twice after it."""
    ledger = Ledger(service, checkpoint_interval_ms=500)
    for _ in range(3):
        service.run(ledger.name)
        ledger.feed()
        ledger.await_all()
        service.flink.stop_application(ApplicationName=ledger.name)
        for pid in service.java(JOB_MANAGER):
            os.kill(pid, signal.SIGKILL)
        service.await_status(ledger.name, 'READY', 'RUNNING')
        if service.status(ledger.name) == 'RUNNING':
            service.flink.stop_application(ApplicationName=ledger.name)
            service.await_status(ledger.name, 'READY')
        ledger.check()
    service.run(ledger.name)
    ledger.feed()
    ledger.await_all()
