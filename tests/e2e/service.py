"""A `raudal serve` of the test's own, that can be killed and started again on the same data, and its clients."""
import json
import os
import signal
import subprocess
import time
import zipfile

import boto3
import botocore.config

BIN = os.environ.get('RAUDAL_BIN') or os.path.join(os.path.dirname(__file__), '..', '..', 'build', 'dev', 'bin')
ROLE = 'arn:aws:iam::000000000000:role/test'


def wait_for(what, condition, seconds=60):
    """The condition's first true value; fails the test after so many seconds."""
    deadline = time.monotonic() + seconds
    while True:
        value = condition()
        if value:
            return value
        assert time.monotonic() < deadline, f'waited {seconds} s for {what}'
        time.sleep(0.02)


class Service:
    """Failpoints are armed by arm(): the process that passes first acts, and the arming is gone."""

    def __init__(self, root, options=()):
        self.root = str(root)
        self.data = os.path.join(self.root, 'data')
        self.options = list(options)
        self.armed = os.path.join(self.root, 'failpoint')
        self.fired = os.path.join(self.root, 'failpoints-fired')
        self.process = None

    def start(self):
        endpoint = os.path.join(self.data, 'endpoint')
        if os.path.exists(endpoint):
            os.remove(endpoint)
        environment = dict(os.environ, RAUDAL_FAILPOINT_FILE=self.armed, RAUDAL_FAILPOINT_LOG=self.fired)
        log = open(os.path.join(self.root, 'service.log'), 'ab')
        self.process = subprocess.Popen(
            [os.path.join(BIN, 'raudal'), 'serve', '--port', '0', '--data', self.data, *self.options],
            stdout=log, stderr=log, env=environment, start_new_session=True)
        wait_for('the service', lambda: os.path.exists(endpoint) and open(endpoint, encoding='utf-8').read().strip())
        with open(endpoint, encoding='utf-8') as file:
            self.endpoint = file.read().strip()
        self.connect()

    def connect(self):
        keys = {}
        with open(os.path.join(self.data, 'credentials'), encoding='utf-8') as file:
            for line in file:
                if '=' in line:
                    name, value = line.split('=', 1)
                    keys[name.strip()] = value.strip()
        session = boto3.Session(aws_access_key_id=keys['aws_access_key_id'], region_name='us-east-1',
                                aws_secret_access_key=keys['aws_secret_access_key'])
        config = botocore.config.Config(retries={'max_attempts': 0}, read_timeout=60,
                                        s3={'addressing_style': 'path'})
        self.flink = session.client('kinesisanalyticsv2', endpoint_url=self.endpoint, config=config)
        self.s3 = session.client('s3', endpoint_url=self.endpoint, config=config)

    def kill(self):
        self.process.kill()
        self.process.wait()

    def alive(self):
        return self.process.poll() is None

    def revive(self):
        """Starts the service again if it is dead."""
        if not self.alive():
            self.start()

    def close(self):
        if self.process and self.alive():
            self.process.send_signal(signal.SIGTERM)
            self.process.wait(timeout=10)
        for pid in self.workers():
            os.kill(pid, signal.SIGKILL)

    def workers(self):
        """Process ids of the raudal-workers on this service's data."""
        found = []
        for name in filter(str.isdigit, os.listdir('/proc')):
            try:
                with open(f'/proc/{name}/cmdline', 'rb') as file:
                    words = file.read().split(b'\0')
                with open(f'/proc/{name}/stat', encoding='utf-8') as file:
                    state = file.read().rsplit(')', 1)[1].split()[0]
            except OSError:
                continue
            if words[0].endswith(b'raudal-worker') and state != 'Z' and words[1:2] == [b'run'] \
                    and any(self.data.encode() in word for word in words):
                found.append(int(name))
        return found

    def kill_workers(self):
        killed = self.workers()
        for pid in killed:
            os.kill(pid, signal.SIGKILL)
        return killed

    def arm(self, *failpoints):
        """Each is `name=action`, and fires once."""
        temporary = self.armed + '.new'
        with open(temporary, 'w', encoding='utf-8') as file:
            file.write('\n'.join(failpoints) + '\n')
        os.rename(temporary, self.armed)

    def times_fired(self, name):
        if not os.path.exists(self.fired):
            return 0
        with open(self.fired, encoding='utf-8') as file:
            return sum(line.strip() == name for line in file)

    # ---- applications -----------------------------------------------------------------------------

    def upload(self, program, key='program.zip', bucket='code'):
        package = os.path.join(self.root, key)
        with zipfile.ZipFile(package, 'w') as archive:
            archive.writestr('main.sql', program)
        if bucket not in [entry['Name'] for entry in self.s3.list_buckets()['Buckets']]:
            self.s3.create_bucket(Bucket=bucket)
        self.s3.upload_file(package, bucket, key)
        return {'S3ContentLocation': {'BucketARN': f'arn:aws:s3:::{bucket}', 'FileKey': key}}

    def create(self, name, program, properties=None, parallelism=1, checkpoint_interval_ms=200):
        self.flink.create_application(
            ApplicationName=name, RuntimeEnvironment='FLINK-1_20', ServiceExecutionRole=ROLE,
            ApplicationConfiguration={
                'ApplicationCodeConfiguration': {'CodeContentType': 'ZIPFILE',
                                                 'CodeContent': self.upload(program, name + '.zip')},
                'EnvironmentProperties': {'PropertyGroups': [
                    {'PropertyGroupId': 'test', 'PropertyMap': properties or {'none': 'none'}}]},
                'FlinkApplicationConfiguration': {
                    'CheckpointConfiguration': {'ConfigurationType': 'CUSTOM', 'CheckpointingEnabled': True,
                                                'CheckpointInterval': checkpoint_interval_ms,
                                                'MinPauseBetweenCheckpoints': 50},
                    'ParallelismConfiguration': {'ConfigurationType': 'CUSTOM', 'Parallelism': parallelism,
                                                 'ParallelismPerKPU': 1, 'AutoScalingEnabled': False}},
                'ApplicationSnapshotConfiguration': {'SnapshotsEnabled': True}})

    def describe(self, name):
        return self.flink.describe_application(ApplicationName=name)['ApplicationDetail']

    def status(self, name):
        return self.describe(name)['ApplicationStatus']

    def await_status(self, name, *statuses, seconds=60):
        return wait_for(f'{name} to be {" or ".join(statuses)}', lambda: self.status(name) in statuses, seconds)

    def start_application(self, name, restore=None, snapshot=None):
        configuration = {}
        if restore:
            configuration['ApplicationRestoreConfiguration'] = {'ApplicationRestoreType': restore}
            if snapshot:
                configuration['ApplicationRestoreConfiguration']['SnapshotName'] = snapshot
        self.flink.start_application(ApplicationName=name, RunConfiguration=configuration)

    def snapshots(self, name):
        return {entry['SnapshotName']: entry['SnapshotStatus']
                for entry in self.flink.list_application_snapshots(ApplicationName=name)['SnapshotSummaries']}


def part_files(folder):
    """Paths of the published part files: names that do not begin with . or _."""
    return [os.path.join(root, name) for root, _, names in os.walk(folder) for name in names
            if not name.startswith(('.', '_'))]


def read_part(path):
    with open(path, encoding='utf-8') as file:
        return [json.loads(line) for line in file]


def read_parts(folder):
    return [row for path in part_files(folder) for row in read_part(path)]
