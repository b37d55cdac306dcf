"""How long row processing stands still at a checkpoint: the worker's own histogram, with 256 MiB of keyed state."""
import json
import pathlib
import subprocess
import tempfile

import core

GATE_MS = 10
ROWS = 40_000_000
SCRIPT = f'''
CREATE TABLE src (k BIGINT, v BIGINT) WITH ('connector'='datagen','number-of-rows'='{ROWS}',
  'rows-per-second'='1000000000','fields.k.min'='0','fields.k.max'='5999999','fields.v.min'='0','fields.v.max'='1000');
CREATE TABLE o (k BIGINT, v BIGINT) WITH ('connector'='blackhole');
INSERT INTO o SELECT k, SUM(v) FROM src GROUP BY k;
'''


def run(_options):
    with tempfile.TemporaryDirectory() as folder:
        script, stats = pathlib.Path(folder) / 'pause.sql', pathlib.Path(folder) / 'stats.json'
        script.write_text(SCRIPT, encoding='utf-8')
        subprocess.run([core.WORKER, 'sql', '-f', script, '--stats', stats, '--set',
                        'execution.checkpointing.interval=1 s'], check=True, stdout=subprocess.DEVNULL)
        job = json.loads(stats.read_text(encoding='utf-8'))[0]
    pauses = {name.rsplit('_', 1)[-1]: float(value)
              for name, value in job['metrics'].items() if 'checkpointPauseMs_' in name}
    state = max(job['stateBytes'], default=0) / 2**20
    print(f'\npause: {job["checkpointsCompleted"]} checkpoints of up to {state:.0f} MiB')
    met = pauses.get('p99', 1e9) <= GATE_MS
    print(f'  p99 {pauses.get("p99", float("nan")):.1f} ms, max {pauses.get("max", float("nan")):.1f} ms; '
          f'the gate is {GATE_MS} ms: {"met" if met else "MISSED"}')
    return {'pause_ms': pauses, 'state_mib': state, 'checkpoints': job['checkpointsCompleted']}, met
