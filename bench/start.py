"""From StartApplication to RUNNING, and what an idle application costs."""
import os
import pathlib
import re
import statistics
import sys
import tempfile
import time

import core

GATE_MS, GATE_MIB, STARTS = 500, 40, 10
PROGRAM = '''
CREATE TABLE ticks (n BIGINT) WITH ('connector' = 'datagen', 'rows-per-second' = '1');
CREATE TABLE nowhere (n BIGINT) WITH ('connector' = 'blackhole');
INSERT INTO nowhere SELECT n FROM ticks;
'''


def resident_mib(pid):
    with open(f'/proc/{pid}/status', encoding='utf-8') as file:
        return int(re.search(r'VmRSS:\s+(\d+)', file.read())[1]) / 1024


def run(_options):
    os.environ.setdefault('RAUDAL_BIN', str(core.WORKER.parent))
    sys.path.insert(0, str(core.ROOT / 'tests/e2e'))
    import service  # pylint: disable=import-outside-toplevel
    with tempfile.TemporaryDirectory() as folder:
        server = service.Service(pathlib.Path(folder))
        server.start()
        try:
            server.create('idle', PROGRAM)
            times = []
            for number in range(STARTS):
                begin = time.monotonic()
                server.start_application('idle')
                while server.status('idle') != 'RUNNING':
                    time.sleep(0.002)
                times.append((time.monotonic() - begin) * 1000)
                if number + 1 < STARTS:
                    server.flink.stop_application(ApplicationName='idle', Force=True)
                    server.await_status('idle', 'READY')
            time.sleep(3)
            memory = max(resident_mib(pid) for pid in server.workers())
        finally:
            server.close()
    median, worst = statistics.median(times), max(times)
    met = worst <= GATE_MS and memory <= GATE_MIB
    print(f'\nstart: StartApplication to RUNNING over {STARTS} starts: median {median:.0f} ms, worst {worst:.0f} ms '
          f'(the gate is {GATE_MS} ms)\n'
          f'  idle application: {memory:.0f} MiB resident (the gate is {GATE_MIB} MiB): {"met" if met else "MISSED"}')
    return {'median_ms': median, 'worst_ms': worst, 'idle_mib': memory}, met
