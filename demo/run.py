#!/usr/bin/env python3
"""The demo: an application's whole life on real data, through the ordinary aws client. `./x demo` runs it.

    run.py --bin FOLDER --flights FILE [--keep]

FOLDER holds `raudal` and `raudal-worker`; FILE is flights-20k.json. All is kept in a temporary folder, which is
removed at the end unless --keep is given.
"""
import argparse
import json
import os
import time
import zipfile

import flights
import results
from stage import Stage, note, paint, title

HERE = os.path.dirname(os.path.abspath(__file__))
APPLICATION = 'flight-delays'
DEADLINE_SECONDS = 30


class Demo(Stage):
    def __init__(self, bin_folder, flights_file):
        super().__init__(bin_folder, APPLICATION, DEADLINE_SECONDS)
        self.input = os.path.join(self.root, 'flights')
        self.output = os.path.join(self.root, 'delays')
        self.files = flights.stream(flights_file)
        self.expected = flights.expected(flights_file)
        os.mkdir(self.input)

    # ---- steps ------------------------------------------------------------------------------------

    def create(self):
        package = os.path.join(self.root, 'flight-delays.zip')
        with zipfile.ZipFile(package, 'w', zipfile.ZIP_DEFLATED) as archive:
            archive.write(os.path.join(HERE, 'flights.sql'), 'main.sql')
        self.aws('s3', 'mb', 's3://flight-code')
        self.aws('s3', 'cp', package, 's3://flight-code/flight-delays.zip')
        configuration = {
            'ApplicationCodeConfiguration': {
                'CodeContentType': 'ZIPFILE',
                'CodeContent': {'S3ContentLocation': {'BucketARN': 'arn:aws:s3:::flight-code',
                                                      'FileKey': 'flight-delays.zip'}}},
            'EnvironmentProperties': {'PropertyGroups': [
                {'PropertyGroupId': 'flights', 'PropertyMap': {'input': self.input, 'output': self.output}}]},
            'FlinkApplicationConfiguration': {
                'CheckpointConfiguration': {'ConfigurationType': 'CUSTOM', 'CheckpointingEnabled': True,
                                            'CheckpointInterval': 1000, 'MinPauseBetweenCheckpoints': 500},
                'ParallelismConfiguration': {'ConfigurationType': 'CUSTOM', 'Parallelism': 1, 'ParallelismPerKPU': 1,
                                             'AutoScalingEnabled': False}},
            'ApplicationSnapshotConfiguration': {'SnapshotsEnabled': True},
        }
        self.aws('kinesisanalyticsv2', 'create-application', '--application-name', APPLICATION,
                 '--runtime-environment', 'FLINK-1_20', '--service-execution-role',
                 'arn:aws:iam::000000000000:role/flight-delays', '--application-configuration',
                 json.dumps(configuration))

    def feed(self, number):
        """Lets file `number` arrive as a whole, as a finished upload does."""
        name = f'flights-{number + 1}.json'
        with open(os.path.join(self.root, name), 'w', encoding='utf-8') as file:
            file.write('\n'.join(self.files[number]) + '\n')
        os.rename(os.path.join(self.root, name), os.path.join(self.input, name))
        note(f'{name} arrives: {len(self.files[number])} rows')

    def watch(self, number):
        """Shows the published results grow until those that files 0 … number complete are there."""
        goal = self.complete_after(number)
        begin, shown = time.monotonic(), -1
        while True:
            rows = results.read(self.output) if os.path.isdir(self.output) else []
            if len(rows) != shown:
                shown = len(rows)
                self.show(rows, len(rows) >= goal)
            if shown >= goal:
                return
            if time.monotonic() - begin > DEADLINE_SECONDS:
                self.fail(f'{shown} of {goal} windows after {DEADLINE_SECONDS} s')
            time.sleep(0.05)

    def complete_after(self, number):
        """How many windows (day, origin) have ended once files 0 … number are read."""
        rows = [json.loads(line) for part in self.files[:number + 1] for line in part]
        newest = max(flights.minutes(row['date']) for row in rows) - flights.DISORDER_MINUTES
        return len({key for key in self.expected
                    if flights.minutes(key[0].replace('-', '/') + ' 23:59') < newest})

    def show(self, rows, complete):
        total = sum(values[0] for _, values in rows)
        days = len({key[0] for key, _ in rows})
        by_origin = {}
        for (_, origin), values in rows:
            count, delay = by_origin.get(origin, (0, 0))
            by_origin[origin] = (count + values[0], delay + values[2])
        line = f'  {len(rows):5} windows, {days:2} days, {total:6} flights'
        if not complete:
            print(line, flush=True)
            return
        print(f'{line}; busiest airports and their mean delay:', flush=True)
        for origin, (count, delay) in sorted(by_origin.items(), key=lambda item: -item[1][0])[:5]:
            bar = '█' * round(count / 40)
            print(f'      {origin} {count:5} {delay / count:5.1f} min {paint("34", bar)}', flush=True)

    def workers(self):
        return self.processes('raudal-worker', ' run ')

    def kill_worker(self):
        self.kill(self.workers(), 'raudal-worker')

    def await_recovery(self, old):
        begin = time.monotonic()
        self.wait('a new worker', lambda: self.workers() and not set(self.workers()) & set(old))
        note(f'a new worker (process {self.workers()[0]}) took over after {time.monotonic() - begin:.2f} s')

    def compare(self):
        rows = results.read(self.output)
        wrong = results.differences(rows, self.expected)
        total = sum(values[0] for _, values in rows)
        note(f'published: {len(rows)} windows of {total} flights')
        note(f'SQLite:    {len(self.expected)} windows of {sum(v[0] for v in self.expected.values())} flights')
        for sentence in wrong[:10]:
            note(paint('31', sentence))
        if wrong:
            self.fail(f'{len(wrong)} differences')
        note(paint('1;32', 'equal: nothing lost, nothing doubled'))

    def run(self):
        begin = time.monotonic()
        title('1. The service starts; the ordinary aws client talks to it')
        self.start_service()
        title('2. A SQL program is uploaded, an application created and started')
        self.create()
        self.start()
        title('3. Flights arrive, out of order by up to 30 minutes; windows close by event time')
        self.feed(0)
        self.watch(0)
        self.feed(1)
        self.watch(1)
        title('4. A snapshot, by hand')
        self.snapshot('after-two-files')
        title('5. The worker is killed while rows arrive')
        old = self.workers()
        self.feed(2)
        self.kill_worker()
        self.await_recovery(old)
        self.watch(2)
        title('6. Stopped (which takes a snapshot), and started from it at double parallelism')
        self.stop()
        self.scale(2)
        self.feed(3)
        self.start('RESTORE_FROM_LATEST_SNAPSHOT')
        self.watch(3)
        title('7. The published windows against the same aggregation by SQLite')
        self.compare()
        print(f'\nDone in {time.monotonic() - begin:.0f} s.')


def main():
    parser = argparse.ArgumentParser(description='Runs the demo.')
    parser.add_argument('--bin', required=True, help='folder with raudal and raudal-worker')
    parser.add_argument('--flights', required=True, help='flights-20k.json')
    parser.add_argument('--keep', action='store_true', help='keep the temporary folder')
    options = parser.parse_args()
    demo = Demo(options.bin, options.flights)
    try:
        demo.run()
    finally:
        demo.close(options.keep, 'raudal-worker')


if __name__ == '__main__':
    main()
