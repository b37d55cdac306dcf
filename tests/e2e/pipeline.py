"""A self-verifying application: each row is copied once and counted once in its window, whatever dies meanwhile."""
import collections
import json
import os

import service

PROGRAM = '''
SET 'table.exec.source.idle-timeout' = '1 s';
CREATE TABLE events (id BIGINT, k INT, ts TIMESTAMP(3), WATERMARK FOR ts AS ts - INTERVAL '5' SECOND)
  WITH ('connector' = 'filesystem', 'path' = '${test:input}', 'source.monitor-interval' = '50 ms', 'format' = 'json');
CREATE TABLE copies (id BIGINT, k INT)
  WITH ('connector' = 'filesystem', 'path' = '${test:copies}', 'format' = 'json');
CREATE TABLE counts (k INT, w TIMESTAMP(3), n BIGINT, ids BIGINT)
  WITH ('connector' = 'filesystem', 'path' = '${test:counts}', 'format' = 'json');
INSERT INTO copies SELECT id, k FROM events WHERE k >= 0;
INSERT INTO counts SELECT k, window_start, COUNT(*), SUM(id)
  FROM TABLE(TUMBLE(TABLE events, DESCRIPTOR(ts), INTERVAL '10' SECOND)) WHERE k >= 0
  GROUP BY k, window_start, window_end;
'''
ROWS_PER_FILE = 2000
KEYS = 20


class Pipeline:
    """Feeds numbered rows, 100 a second of event time, and checks what came out."""

    def __init__(self, server, name='pipeline', parallelism=1):
        self.server, self.name = server, name
        self.folders = {part: os.path.join(server.root, name + '-' + part) for part in ('input', 'copies', 'counts')}
        os.makedirs(self.folders['input'], exist_ok=True)
        self.parts = {}
        self.num_files = 0
        self.next_id = 0
        server.create(name, PROGRAM, self.folders, parallelism)

    def feed(self):
        lines = []
        for row in range(self.next_id, self.next_id + ROWS_PER_FILE):
            lines.append(json.dumps({'id': row, 'k': row % KEYS, 'ts': self.time_of(row)}))
        self.next_id += ROWS_PER_FILE
        self.write(lines)

    def feed_marker(self):
        """A row far ahead, which closes all windows and is copied and counted by nobody."""
        self.write([json.dumps({'id': -1, 'k': -1, 'ts': '2030-01-01 00:00:00'})])

    def write(self, lines):
        self.num_files += 1
        name = f'{self.num_files:05}.json'
        temporary = os.path.join(self.server.root, name)
        with open(temporary, 'w', encoding='utf-8') as file:
            file.write('\n'.join(lines) + '\n')
        os.rename(temporary, os.path.join(self.folders['input'], name))

    @staticmethod
    def time_of(row):
        seconds = row // 100
        return f'2026-01-{1 + seconds // 86400:02} {seconds // 3600 % 24:02}:{seconds // 60 % 60:02}:{seconds % 60:02}'

    def copied(self):
        """Ids of all published copies. A part never changes once it is published, so each is read once."""
        for path in service.part_files(self.folders['copies']):
            if path not in self.parts:
                self.parts[path] = [row['id'] for row in service.read_part(path)]
        return [row for rows in self.parts.values() for row in rows]

    def await_copies(self, seconds=60):
        """Waits until every row fed so far was published, and checks that none was twice."""
        service.wait_for(f'{self.next_id} copies', lambda: len(self.copied()) >= self.next_id, seconds)
        self.check_copies()

    def check_copies(self):
        copied = self.copied()
        doubled = [row for row, count in collections.Counter(copied).items() if count > 1]
        assert not doubled, f'{len(doubled)} rows were published twice, the first is {min(doubled)}'
        missing = set(range(self.next_id)) - set(copied)
        assert not missing, f'{len(missing)} rows are missing, the first is {min(missing)}'

    def check_counts(self):
        expected = collections.defaultdict(lambda: [0, 0])
        for row in range(self.next_id):
            entry = expected[row % KEYS, self.time_of(row // 1000 * 1000)]
            entry[0] += 1
            entry[1] += row
        service.wait_for(f'{len(expected)} windows',
                         lambda: len(service.read_parts(self.folders['counts'])) >= len(expected))
        found = collections.defaultdict(list)
        for row in service.read_parts(self.folders['counts']):
            found[row['k'], row['w'].replace('T', ' ')[:19]].append([row['n'], row['ids']])
        assert {key: [values] for key, values in expected.items()} == dict(found)
