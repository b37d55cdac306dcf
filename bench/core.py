"""The gates of the native engine: one core, parallelism 1, checkpoints every 10 s, rows per CPU-second.

Both engines run the same script. Ours gets more rows where its rate would make a run too short to measure; Flink
gets a first run to warm its compiler up, and is charged for its TaskManager alone, with the optimising compiler on.
"""
import hashlib
import importlib.machinery
import importlib.util
import os
import pathlib
import re
import subprocess
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent
WORKER = pathlib.Path(os.environ.get('RAUDAL_BIN', ROOT / 'build/release/bin')) / 'raudal-worker'
GATES = ROOT / 'tools/flink/gates'
BIDS = 2_000_000
# name: (what, least ratio, our rows, Flink's rows)
SCRIPTS = {
    'filter': ('filter + projection of datagen rows', 10, 600_000_000, 20_000_000),
    'keyed_sum': ('SUM per key, 1 M keys', 40, 60_000_000, 4_000_000),
    'ndjson_hop': ('NDJSON file, HOP(2 s, 10 s) count', 15, 3 * BIDS, BIDS),
}
FLINK_JVM = '-XX:+UseG1GC -Xmx2g'  # of the heap, so that the collector does not work for the lack of it
TICKS = os.sysconf('SC_CLK_TCK')


def oracle():
    loader = importlib.machinery.SourceFileLoader('oracle', str(ROOT / 'tools/flink/oracle'))
    module = importlib.util.module_from_spec(importlib.util.spec_from_loader('oracle', loader))
    loader.exec_module(module)
    return module


def script_for(name, rows, folder):
    """The gate's script with its number of rows; `folder` stands for ${dir}."""
    text = (GATES / f'{name}.sql').read_text(encoding='utf-8')
    text = re.sub(r"'number-of-rows'='\d+'", f"'number-of-rows'='{rows}'", text)
    return text.replace('${dir}', str(folder))


def bids(folder, copies):
    """bids.ndjson in the folder; more copies are further files of a folder of that name, later in event time."""
    single = folder / 'one'
    if not (single / 'bids.ndjson').exists():
        single.mkdir(parents=True)
        with open(single / 'bids.ndjson', 'wb') as out:
            subprocess.run(['python3', GATES / 'bids.py', str(BIDS)], stdout=out, check=True)
    if copies == 1:
        return single
    many = folder / 'many'
    if not many.exists():
        many.mkdir()
        with open(single / 'bids.ndjson', encoding='utf-8') as source, \
                open(many / 'bids.ndjson', 'w', encoding='utf-8') as out:
            lines = source.readlines()
            for copy in range(copies):
                hour = f'2026-01-01 {copy:02}:'
                out.writelines(line.replace('2026-01-01 00:', hour) for line in lines)
    return many


def measure_raudal(script, rows):
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder) / 'gate.sql'
        path.write_text(script, encoding='utf-8')
        begin = time.monotonic()
        process = subprocess.Popen([WORKER, 'sql', '-f', path, '--set', 'execution.checkpointing.interval=10 s'],
                                   stdout=subprocess.PIPE, text=True)
        output = process.stdout.read()
        _, status, usage = os.wait4(process.pid, 0)
        if status != 0 or 'ERROR' in output:
            raise SystemExit(f'bench: raudal-worker failed: {output}')
        seconds = time.monotonic() - begin
        cpu = usage.ru_utime + usage.ru_stime
        return {'rows': rows, 'seconds': seconds, 'cpu_seconds': cpu, 'rows_per_cpu_second': rows / cpu,
                'cores': cpu / seconds, 'memory_mib': usage.ru_maxrss / 1024}


def cpu_seconds(pid):
    with open(f'/proc/{pid}/stat', encoding='utf-8') as file:
        fields = file.read().rsplit(')', 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def resident_mib(pid):
    with open(f'/proc/{pid}/status', encoding='utf-8') as file:
        return int(re.search(r'VmHWM:\s+(\d+)', file.read())[1]) / 1024


class Flink:
    """A cluster for the time of the benchmark, with the optimising compiler on."""

    def __init__(self, version='1.20.3'):
        os.environ['RAUDAL_FLINK_JVM'] = FLINK_JVM
        self.module, self.version = oracle(), version

    def __enter__(self):
        self.module.stop(self.version)
        self.context = self.module.starting(self.version)
        self.cluster = self.context.__enter__()
        self.taskmanager = self.cluster['pids'][1]
        return self

    def __exit__(self, *error):
        self.context.__exit__(*error)
        self.module.stop(self.version)

    def measure(self, script, rows):
        checkpoints = pathlib.Path(tempfile.gettempdir()) / 'raudal-bench' / 'flink-checkpoints'
        properties = {'execution.runtime-mode': 'streaming', 'parallelism.default': '1', 'table.dml-sync': 'true',
                      'table.local-time-zone': 'UTC', 'restart-strategy.type': 'disable',
                      'execution.checkpointing.interval': '10 s', 'execution.checkpointing.storage': 'filesystem',
                      'execution.checkpointing.dir': checkpoints.as_uri()}
        for _ in range(2):  # the second counts: its code is compiled
            with self.module.Session(self.cluster['gateway'], properties) as session:
                statements = list(self.module.statements(script))
                for statement in statements[:-1]:
                    list(session.execute(statement, 60)[2])
                begin, cpu_before = time.monotonic(), cpu_seconds(self.taskmanager)
                list(session.execute(statements[-1], 600)[2])
                seconds = time.monotonic() - begin
                cpu = cpu_seconds(self.taskmanager) - cpu_before
        return {'rows': rows, 'seconds': seconds, 'cpu_seconds': cpu, 'rows_per_cpu_second': rows / cpu,
                'cores': cpu / seconds, 'memory_mib': resident_mib(self.taskmanager)}


def checksum_script(folder):
    """The window gate as a query, whose rows both engines must agree on."""
    script = script_for('ndjson_hop', BIDS, folder)
    head, insert = script.split('INSERT INTO o ')
    source = head.split('CREATE TABLE o')[0]
    return source, insert.rstrip().rstrip(';')


def digest(rows):
    """Order does not count: the sum of each row's hash."""
    return f'{sum(int.from_bytes(hashlib.sha256(row.encode()).digest()[:8], "big") for row in rows) % 2**64:016x}'


def checksums(folder, flink):
    """Rows and checksum of the window gate's answer, ours and Flink's, over the first 200 000 bids."""
    part = folder / 'part'
    part.mkdir(exist_ok=True)
    with open(bids(folder, 1) / 'bids.ndjson', encoding='utf-8') as source, \
            open(part / 'bids.ndjson', 'w', encoding='utf-8') as out:
        out.writelines(line for line, _ in zip(source, range(200_000)))
    table, query = checksum_script(part)
    path = folder / 'checksum.sql'
    path.write_text(f'{table}\n{query};\n', encoding='utf-8')
    ours = subprocess.run([WORKER, 'sql', '-f', path], capture_output=True, text=True, check=True).stdout.split('\n')
    ours = [line for line in ours if line.startswith('+I')]
    answer = {'raudal': (len(ours), digest(ours))}
    if flink:
        with flink.module.Session(flink.cluster['gateway'], {'parallelism.default': '1'}) as session:
            list(session.execute(table.strip().rstrip(';'), 60)[2])
            rows = [f'{op}\t' + '\t'.join(fields) for op, fields in session.execute(query, 120)[2]]
        answer['flink'] = (len(rows), digest(rows))
    return answer


def show(name, what, ours, theirs, gate):
    print(f'\n{name}: {what}')
    for label, figures in (('Raudal', ours), ('Flink', theirs)):
        if figures:
            print(f'  {label:7} {figures["rows_per_cpu_second"] / 1e6:8.2f} M rows/CPU-s   '
                  f'{figures["rows"] / 1e6:6.1f} M rows in {figures["seconds"]:6.1f} s   '
                  f'{figures["cores"]:.2f} cores   {figures["memory_mib"]:6.0f} MiB')
    if theirs:
        ratio = ours['rows_per_cpu_second'] / theirs['rows_per_cpu_second']
        print(f'  ratio   {ratio:8.1f} ×   the gate is {gate} × : {"met" if ratio >= gate else "MISSED"}')
        return ratio
    return None


def run(options):
    cache = pathlib.Path(tempfile.gettempdir()) / 'raudal-bench'
    cache.mkdir(exist_ok=True)
    figures, met = {}, True

    def measure_all(flink):
        nonlocal met
        for name, (what, gate, our_rows, their_rows) in SCRIPTS.items():
            many = bids(cache, our_rows // BIDS) if name == 'ndjson_hop' else cache
            one = bids(cache, 1) if name == 'ndjson_hop' else cache
            ours = measure_raudal(script_for(name, our_rows, many), our_rows)
            theirs = flink.measure(script_for(name, their_rows, one), their_rows) if flink else None
            ratio = show(name, what, ours, theirs, gate)
            figures[name] = {'raudal': ours, 'flink': theirs, 'ratio': ratio, 'gate': gate}
            met = met and (ratio is None or ratio >= gate)
        sums = checksums(cache, flink)
        print('\nchecksum of ndjson_hop over 200 000 bids')
        for label, (rows, value) in sums.items():
            print(f'  {label:7} {rows:8} rows   {value}')
        if len(set(sums.values())) != 1:
            print('  the answers DIFFER')
            met = False
        figures['checksum'] = sums

    if options.no_flink:
        measure_all(None)
    else:
        with Flink() as flink:
            measure_all(flink)
    return figures, met
