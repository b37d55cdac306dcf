"""The service for tests that kill it and its workers: failpoints, and the steps of an application's life."""
import json
import os
import sys
import zipfile

sys.path.append(os.path.join(os.path.dirname(os.path.abspath(__file__)), '..'))

# pylint: disable=wrong-import-position
from service_process import ROLE, ServiceProcess, wait_for  # noqa: E402


class Service(ServiceProcess):
    """Failpoints are armed by arm(): the process that passes first acts, and the arming is gone."""

    def __init__(self, root, options=()):
        self.armed = os.path.join(root, 'failpoint')
        self.fired = os.path.join(root, 'failpoints-fired')
        super().__init__(root, options, {'RAUDAL_FAILPOINT_FILE': self.armed, 'RAUDAL_FAILPOINT_LOG': self.fired})

    def start(self):
        super().start()
        self.flink = self.client(read_timeout=60)
        self.s3 = self.client('s3', read_timeout=60)
        return self

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
