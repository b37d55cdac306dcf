"""A JAR on real Flink: from StartApplication to RUNNING, from a killed JobManager to its job RUNNING again, and the
resident memory of an application of one KPU."""
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile
import time

import core
from start import resident_mib

START_GATE_S, RESTORE_GATE_S, KPU_MIB, TIMES = 12, 20, 4096, 3


def prepare():
    """The release build drives it; Flink and the programs of the tests are made once."""
    os.environ.setdefault('RAUDAL_BIN', str(core.WORKER.parent))
    sys.path.insert(0, str(core.ROOT / 'tests/flink'))
    import flink_service  # pylint: disable=import-outside-toplevel
    store = core.ROOT / 'build/flink'
    store.mkdir(parents=True, exist_ok=True)
    subprocess.run([flink_service.RAUDAL, 'flink', 'install', flink_service.FLINK_VERSION, '--data', str(store)],
                   check=True)
    subprocess.run(['mvn', '-q', '-B', 'package'], cwd=flink_service.PROGRAMS, check=True)
    return flink_service, str(store / 'flink')


def until(seconds, condition):
    """Seconds that it took."""
    begin = time.monotonic()
    while not condition():
        assert time.monotonic() - begin < seconds, 'too long'
        time.sleep(0.02)
    return time.monotonic() - begin


def measure(tools, server):
    starts, restores, memory = [], [], {}
    ledger = tools.Ledger(server, checkpoint_interval_ms=1000)
    for number in range(TIMES):
        server.start_application(ledger.name)
        starts.append(until(120, lambda: server.status(ledger.name) == 'RUNNING'))
        ledger.feed()
        ledger.await_all()
        # Lines that arrive after the kill show that the job runs again, with its state.
        server.kill_java(tools.JOB_MANAGER)
        ledger.feed()
        total = sum(ledger.sent.values())
        restores.append(until(120, lambda: len(ledger.lines()) >= total))
        ledger.check()
        if number + 1 == TIMES:
            memory = {kind: max(map(resident_mib, server.java(word)))
                      for kind, word in (('JobManager', tools.JOB_MANAGER), ('TaskManager', tools.TASK_MANAGER))}
            memory['supervisor'] = max(map(resident_mib, server.processes(b'raudal-flink')))
        server.flink.stop_application(ApplicationName=ledger.name)
        server.await_status(ledger.name, 'READY')
    return starts, restores, memory


def run(_options):
    tools, distributions = prepare()
    with tempfile.TemporaryDirectory() as folder:
        server = tools.FlinkService(pathlib.Path(folder), distributions)
        server.start()
        try:
            starts, restores, memory = measure(tools, server)
        finally:
            server.close()
    met = (statistics.median(starts) <= START_GATE_S and statistics.median(restores) <= RESTORE_GATE_S
           and memory['TaskManager'] <= KPU_MIB)
    parts = ', '.join(f'{name} {mib:.0f} MiB' for name, mib in memory.items())
    print(f'\nflink: StartApplication to RUNNING over {TIMES} starts: median {statistics.median(starts):.1f} s, '
          f'worst {max(starts):.1f} s (the gate is {START_GATE_S} s)\n'
          f'  JobManager killed to its rows in S3 again: median {statistics.median(restores):.1f} s, worst '
          f'{max(restores):.1f} s (the gate is {RESTORE_GATE_S} s)\n'
          f'  resident: {parts} (a KPU has {KPU_MIB} MiB): {"met" if met else "MISSED"}')
    return {'start_s': starts, 'restore_s': restores, 'memory_mib': memory}, met
