"""The service with real Flink behind it: a JAR's life, its processes, and a ledger that shows each loss."""
import collections
import glob
import os
import re
import signal
import sys

sys.path.append(os.path.join(os.path.dirname(os.path.abspath(__file__)), '..'))

# pylint: disable=wrong-import-position
from service_process import RAUDAL, ROLE, ROOT, ServiceProcess, wait_for  # noqa: E402,F401

PROGRAMS = os.path.join(ROOT, 'tests', 'flink', 'programs')
FLINK_VERSION = os.environ.get('RAUDAL_FLINK_VERSION', '1.20')
JOB_MANAGER = b'StandaloneApplicationClusterEntryPoint'
TASK_MANAGER = b'TaskManagerRunner'


class FlinkService(ServiceProcess):
    """Its Flink is installed once for all tests, and linked into each data folder."""

    def __init__(self, root, distributions, options=(), variables=None):
        super().__init__(root, options, variables)
        os.makedirs(self.data, exist_ok=True)
        os.symlink(distributions, os.path.join(self.data, 'flink'))

    def start(self):
        super().start()
        self.flink = self.client(read_timeout=60)
        self.s3 = self.client('s3', read_timeout=60)
        self.kinesis = self.client('kinesis', read_timeout=60)
        return self

    def close(self):
        super().close()
        for pid in self.processes(b'raudal-flink') + self.java():
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                pass

    # ---- processes --------------------------------------------------------------------------------

    def processes(self, *words):
        """Living processes of this service's runs whose command line has all the words."""
        found = []
        for name in filter(str.isdigit, os.listdir('/proc')):
            try:
                with open(f'/proc/{name}/cmdline', 'rb') as file:
                    command = file.read()
                with open(f'/proc/{name}/stat', encoding='utf-8') as file:
                    state = file.read().rsplit(')', 1)[1].split()[0]
            except OSError:
                continue
            if state != 'Z' and self.data.encode() in command and all(word in command for word in words):
                found.append(int(name))
        return found

    def java(self, kind=b'org.apache.flink', name=''):
        return [pid for pid in self.processes(kind, name.encode()) if self.is_java(pid)]

    @staticmethod
    def is_java(pid):
        try:
            return os.path.basename(os.readlink(f'/proc/{pid}/exe')) == 'java'
        except OSError:
            return False

    def kill_java(self, kind, name=''):
        """SIGKILL to the processes of one kind, once there are any."""
        victims = wait_for(f'a {kind.decode()}', lambda: self.java(kind, name))
        for pid in victims:
            os.kill(pid, signal.SIGKILL)
        return victims

    # ---- applications -----------------------------------------------------------------------------

    def upload(self, path, key=None, bucket='code'):
        if bucket not in [entry['Name'] for entry in self.s3.list_buckets()['Buckets']]:
            self.s3.create_bucket(Bucket=bucket)
        key = key or os.path.basename(path)
        self.s3.upload_file(path, bucket, key)
        return {'S3ContentLocation': {'BucketARN': f'arn:aws:s3:::{bucket}', 'FileKey': key}}

    def create(self, name, main_class='', groups=None, parallelism=1, code=None, runtime=None,
               checkpoint_interval_ms=1000, rollback=False):
        """An application of tests/flink/programs, or of the code given."""
        groups = dict(groups or {})
        if main_class:
            groups.setdefault('raudal.run.options', {})['class'] = main_class
        self.flink.create_application(
            ApplicationName=name, RuntimeEnvironment=runtime or 'FLINK-' + FLINK_VERSION.replace('.', '_'),
            ServiceExecutionRole=ROLE,
            ApplicationConfiguration={
                'ApplicationCodeConfiguration': {
                    'CodeContentType': 'ZIPFILE',
                    'CodeContent': code or self.upload(os.path.join(PROGRAMS, 'target', 'programs.jar'))},
                'EnvironmentProperties': {'PropertyGroups': [
                    {'PropertyGroupId': group, 'PropertyMap': values}
                    for group, values in (groups or {'none': {'none': 'none'}}).items()]},
                'FlinkApplicationConfiguration': {
                    'CheckpointConfiguration': {'ConfigurationType': 'CUSTOM', 'CheckpointingEnabled': True,
                                                'CheckpointInterval': checkpoint_interval_ms,
                                                'MinPauseBetweenCheckpoints': 50},
                    'ParallelismConfiguration': {'ConfigurationType': 'CUSTOM', 'Parallelism': parallelism,
                                                 'ParallelismPerKPU': 1, 'AutoScalingEnabled': False}},
                'ApplicationSystemRollbackConfiguration': {'RollbackEnabled': rollback},
                'ApplicationSnapshotConfiguration': {'SnapshotsEnabled': True}})

    def describe(self, name):
        return self.flink.describe_application(ApplicationName=name)['ApplicationDetail']

    def status(self, name):
        return self.describe(name)['ApplicationStatus']

    def await_status(self, name, *statuses, seconds=180):
        return wait_for(f'{name} to be {" or ".join(statuses)}', lambda: self.status(name) in statuses, seconds)

    def start_application(self, name, restore=None, snapshot=None, allow_non_restored_state=False):
        """The operation's id."""
        configuration = {'FlinkRunConfiguration': {'AllowNonRestoredState': allow_non_restored_state}}
        if restore:
            configuration['ApplicationRestoreConfiguration'] = {'ApplicationRestoreType': restore}
            if snapshot:
                configuration['ApplicationRestoreConfiguration']['SnapshotName'] = snapshot
        return self.flink.start_application(ApplicationName=name, RunConfiguration=configuration)['OperationId']

    def run(self, name, **start):
        self.start_application(name, **start)
        self.await_status(name, 'RUNNING')

    def operation(self, name, operation):
        return self.flink.describe_application_operation(
            ApplicationName=name, OperationId=operation)['ApplicationOperationInfoDetails']

    def await_operation(self, name, operation, seconds=180):
        wait_for('the operation to end', lambda: self.operation(name, operation)['OperationStatus'] != 'IN_PROGRESS',
                 seconds)
        return self.operation(name, operation)

    def failure_of_start(self, name, seconds=360):
        """The error text of a start that must fail, at once or later; the application is READY afterwards."""
        try:
            operation = self.start_application(name)
        except self.flink.exceptions.InvalidApplicationConfigurationException as refused:
            assert self.status(name) == 'READY'
            return str(refused)
        ended = self.await_operation(name, operation, seconds)
        assert ended['OperationStatus'] == 'FAILED', ended
        self.await_status(name, 'READY')
        return ended['OperationFailureDetails']['ErrorInfo']['ErrorString']

    def update(self, name, **change):
        """The operation's id."""
        return self.flink.update_application(
            ApplicationName=name, CurrentApplicationVersionId=self.describe(name)['ApplicationVersionId'],
            **change)['OperationId']

    def snapshots(self, name):
        return {entry['SnapshotName']: entry['SnapshotStatus']
                for entry in self.flink.list_application_snapshots(ApplicationName=name)['SnapshotSummaries']}

    def snapshot(self, name, snapshot):
        self.flink.create_application_snapshot(ApplicationName=name, SnapshotName=snapshot)
        wait_for(f'{snapshot} to end', lambda: self.snapshots(name).get(snapshot) not in (None, 'CREATING'), 120)
        return self.snapshots(name)[snapshot]

    def run_directories(self):
        return glob.glob(os.path.join(self.data, 'applications', '*', 'runs', '*'))

    def logs(self, name=''):
        """All of the runs' logs, as one text."""
        texts = []
        for folder in self.run_directories():
            for file in os.listdir(folder) if name in folder else ():
                if '.log' in file or '.out' in file:
                    with open(os.path.join(folder, file), encoding='utf-8', errors='replace') as log:
                        texts.append(log.read())
        return '\n'.join(texts)


class Ledger:
    """A stream of `key,number` lines through a program that appends each key's running count. Every line of its output
    must show a count equal to its number, exactly once."""
    KEYS = 7

    def __init__(self, service, name='ledger', shards=2, create=True, run_options=None, **options):
        self.service = service
        self.name = name
        self.stream = name + '-input'
        self.bucket = name + '-output'
        self.sent = collections.Counter()  # lines of each key
        self.seen = {}                     # object → its lines
        if create:
            service.kinesis.create_stream(StreamName=self.stream, ShardCount=shards)
            service.kinesis.get_waiter('stream_exists').wait(StreamName=self.stream, WaiterConfig={'Delay': 1})
            service.s3.create_bucket(Bucket=self.bucket)
            groups = {'Ledger': self.settings(), 'raudal.run.options': dict(run_options or {})}
            service.create(name, 'raudal.programs.Ledger', groups, **options)

    def settings(self, **more):
        return {'stream': self.stream, 'output': f's3a://{self.bucket}/lines', **more}

    def feed(self, count=50):
        records = []
        for place in range(count):
            key = f'k{place % self.KEYS}'
            self.sent[key] += 1
            records.append({'Data': f'{key},{self.sent[key]}'.encode(), 'PartitionKey': key})
        # In order, for each key: one request, and all of it accepted.
        answer = self.service.kinesis.put_records(StreamName=self.stream, Records=records)
        assert answer['FailedRecordCount'] == 0, answer

    def lines(self):
        """All lines of finished objects."""
        pages = self.service.s3.get_paginator('list_objects_v2').paginate(Bucket=self.bucket)
        for entry in (entry for page in pages for entry in page.get('Contents', ())):
            if entry['Key'] not in self.seen:
                body = self.service.s3.get_object(Bucket=self.bucket, Key=entry['Key'])['Body'].read().decode()
                self.seen[entry['Key']] = body.splitlines()
        return [line for lines in self.seen.values() for line in lines]

    def await_all(self, seconds=180):
        """Waits until each line that was sent is there, and checks that it is there once and counted right."""
        total = sum(self.sent.values())
        wait_for(f'{total} lines', lambda: len(self.lines()) >= total, seconds)
        self.check()

    def check(self):
        numbers = collections.Counter()
        for line in self.lines():
            key, number, count = re.match(r'(\w+),(\d+),(\d+)', line).groups()
            assert number == count, f'the state lost or doubled something: {line}'
            numbers[key, int(number)] += 1
        expected = {(key, number) for key, last in self.sent.items() for number in range(1, last + 1)}
        doubled = [line for line, times in numbers.items() if times > 1]
        assert not doubled, f'doubled: {doubled[:5]}'
        assert set(numbers) == expected, f'lost: {sorted(expected - set(numbers))[:5]}'
