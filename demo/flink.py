#!/usr/bin/env python3
"""The Flink demo: a JAR as it would run on AWS, its whole life on real Apache Flink. `./x demo flink` runs it.

    flink.py --bin FOLDER --jar FILE [--keep]

FOLDER holds `raudal` and `raudal-flink`; FILE is examples/s3-sink's JAR, which counts the records of a Kinesis stream
per ticker and window and writes the counts to S3. At the end the counts in S3 are held against what was sent.
"""
import argparse
import collections
import json
import os
import re
import subprocess
import time

from stage import Stage, command, note, paint, title

APPLICATION = 'ticker-counts'
STREAM = 'ExampleInputStream'
DEADLINE_SECONDS = 180
RECORDS = (2000, 3000, 1500)  # of the three loads
RATE = 200
SEED = 7
JOB_MANAGER = 'StandaloneApplicationClusterEntryPoint'


class Demo(Stage):
    def __init__(self, bin_folder, jar):
        super().__init__(bin_folder, APPLICATION, DEADLINE_SECONDS)
        self.jar = os.path.abspath(jar)
        self.results = os.path.join(self.root, 'counts')
        self.raudal = os.path.join(self.bin, 'raudal')
        self.load = None

    # ---- steps ------------------------------------------------------------------------------------

    def install(self):
        command(f'raudal flink install 1.20 --data {self.data}')
        if subprocess.run([self.raudal, 'flink', 'install', '1.20', '--data', self.data], check=False).returncode:
            self.fail('Flink could not be installed')

    def create(self):
        self.aws('kinesis', 'create-stream', '--stream-name', STREAM, '--shard-count', '1')
        self.aws('s3', 'mb', 's3://example-code')
        self.aws('s3', 'mb', 's3://example-data')
        self.aws('s3', 'cp', self.jar, 's3://example-code/')
        configuration = {
            'ApplicationCodeConfiguration': {
                'CodeContentType': 'ZIPFILE',
                'CodeContent': {'S3ContentLocation': {'BucketARN': 'arn:aws:s3:::example-code',
                                                      'FileKey': os.path.basename(self.jar)}}},
            'EnvironmentProperties': {'PropertyGroups': [
                {'PropertyGroupId': 'ConsumerConfigProperties',
                 'PropertyMap': {'stream.name': STREAM, 'aws.region': 'us-east-1',
                                 'flink.stream.initpos': 'TRIM_HORIZON'}},
                {'PropertyGroupId': 'ProducerConfigProperties',
                 'PropertyMap': {'s3.sink.path': 's3a://example-data/counts', 'window.seconds': '5'}}]},
            'FlinkApplicationConfiguration': {
                'CheckpointConfiguration': {'ConfigurationType': 'CUSTOM', 'CheckpointingEnabled': True,
                                            'CheckpointInterval': 2000, 'MinPauseBetweenCheckpoints': 500},
                'ParallelismConfiguration': {'ConfigurationType': 'CUSTOM', 'Parallelism': 1, 'ParallelismPerKPU': 2,
                                             'AutoScalingEnabled': False}},
            'ApplicationSnapshotConfiguration': {'SnapshotsEnabled': True},
        }
        self.aws('kinesisanalyticsv2', 'create-application', '--application-name', APPLICATION,
                 '--runtime-environment', 'FLINK-1_20', '--service-execution-role',
                 'arn:aws:iam::000000000000:role/MF-stream-rw-role', '--application-configuration',
                 json.dumps(configuration))

    def load_words(self, number):
        return ['--template', 'stock-ticker', '--seed', str(SEED), '--first', str(sum(RECORDS[:number])),
                '--count', str(RECORDS[number])]

    def begin_load(self, number):
        """Starts sending records; end_load() awaits the last one."""
        words = ['--data', self.data, '--stream', STREAM, '--rate', str(RATE), *self.load_words(number)]
        command('raudal load ' + ' '.join(words[2:]))
        self.load = subprocess.Popen([self.raudal, 'load', *words], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                                     text=True)

    def end_load(self):
        output, _ = self.load.communicate()
        if self.load.returncode != 0:
            self.fail(f'raudal load: {output}')
        note(f'sent: {output.strip()}')

    def watch(self, number):
        """Shows the counts in S3 grow until all records of loads 0 … number are in them."""
        goal, shown, begin = sum(RECORDS[:number + 1]), -1, time.monotonic()
        while True:
            lines, counts = self.counts()
            total = sum(counts.values())
            if total != shown:
                shown = total
                note(f'{lines:4} windows of a ticker in S3, {total:5} of {goal} records counted')
            if total == goal:
                self.show(counts)
                return
            if total > goal:
                self.fail(f'{total} records are counted, but only {goal} were sent')
            if time.monotonic() - begin > DEADLINE_SECONDS:
                self.fail(f'{total} of {goal} records are counted after {DEADLINE_SECONDS} s')

    def counts(self):
        """How many lines the bucket has, and the records that they count, by ticker."""
        self.aws('s3', 'sync', '--quiet', 's3://example-data/counts', self.results, show=False)
        lines, counts = 0, collections.Counter()
        for folder, _, names in os.walk(self.results):
            for name in names:
                with open(os.path.join(folder, name), encoding='utf-8') as file:
                    for line in file:
                        ticker, count = re.fullmatch(r'(\w+) count: (\d+)\n', line).groups()
                        lines += 1
                        counts[ticker] += int(count)
        return lines, counts

    def show(self, counts):
        most = max(counts.values())
        for ticker, count in sorted(counts.items()):
            note(f'    {ticker:5} {count:5} {paint("34", "█" * round(40 * count / most))}')

    def job_managers(self):
        return self.processes(JOB_MANAGER, 'java')

    def kill_job_manager(self):
        old = self.job_managers()
        if not old:
            self.fail('no JobManager is running')
        self.kill(old, 'the JobManager of Flink')
        begin = time.monotonic()
        self.wait('a new JobManager', lambda: self.job_managers() and not set(self.job_managers()) & set(old))
        note(f'a new JobManager (process {self.job_managers()[0]}) after {time.monotonic() - begin:.1f} s; it goes on '
             'from the last checkpoint')

    def compare(self):
        """What is in the bucket against what was sent, which the seed says."""
        expected = collections.Counter()
        for number in range(len(RECORDS)):
            printed = subprocess.run([self.raudal, 'load', '--print', *self.load_words(number)], check=True,
                                     capture_output=True, text=True).stdout
            expected.update(json.loads(line)['ticker'] for line in printed.splitlines())
        lines, counts = self.counts()
        note(f'counted: {sum(counts.values())} records in {lines} windows of a ticker')
        note(f'sent:    {sum(expected.values())} records')
        if counts != expected:
            for ticker in sorted(set(counts) | set(expected)):
                note(paint('31', f'{ticker}: {counts[ticker]} counted, {expected[ticker]} sent'))
            self.fail('the counts are not what was sent')
        note(paint('1;32', 'equal for each ticker: nothing lost, nothing counted twice'))

    def run(self):
        begin = time.monotonic()
        title('1. The service starts; Flink is installed into its data folder')
        self.start_service()
        self.install()
        title('2. A JAR is uploaded, an application created and started, by the ordinary aws client')
        self.create()
        note('Flink starts: a JobManager and a TaskManager in a room of their own')
        self.start()
        title('3. Records arrive in a Kinesis stream; their counts per ticker and window appear in S3')
        self.begin_load(0)
        self.watch(0)
        self.end_load()
        title('4. A snapshot, by hand')
        self.snapshot('by-hand')
        title('5. The JobManager is killed while records arrive')
        self.begin_load(1)
        self.wait('records of the second load', lambda: sum(self.counts()[1].values()) > RECORDS[0])
        self.kill_job_manager()
        self.watch(1)
        self.end_load()
        title('6. Stopped (which takes a snapshot); records go on arriving; started from it at double parallelism')
        self.stop()
        self.scale(2)
        self.begin_load(2)
        self.start('RESTORE_FROM_LATEST_SNAPSHOT')
        self.watch(2)
        self.end_load()
        title('7. The counts in S3 against the records that were sent')
        self.compare()
        print(f'\nDone in {time.monotonic() - begin:.0f} s.')


def main():
    parser = argparse.ArgumentParser(description='Runs the Flink demo.')
    parser.add_argument('--bin', required=True, help='folder with raudal and raudal-flink')
    parser.add_argument('--jar', required=True, help="examples/s3-sink's JAR")
    parser.add_argument('--keep', action='store_true', help='keep the temporary folder')
    options = parser.parse_args()
    demo = Demo(options.bin, options.jar)
    try:
        demo.run()
    finally:
        if demo.load and demo.load.poll() is None:
            demo.load.kill()
            demo.load.wait()
        demo.close(options.keep, 'raudal-flink')


if __name__ == '__main__':
    main()
