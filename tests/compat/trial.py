"""An example's life behind the API, and the row of the table that comes of it."""
import glob
import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import dataclass

import builds
import peers
from recipes import RECIPES, STREAM_OUT, Wrong, move_to
from service_process import RAUDAL, REGION, ROLE, ServiceProcess

START_SECONDS = 300
DATA_SECONDS = 240
FEED_SECONDS = 20
CODE_BUCKET = 'compat-code'
RUN_OPTIONS = 'raudal.run.options'


@dataclass
class Row:
    """One line of the table."""
    name: str
    result: str
    detail: str

    @property
    def ran(self):
        return self.result == 'ran'


class Failed(Exception):
    """A step of an application's life did not come out right."""


def say(text):
    print(text, file=sys.stderr, flush=True)


def await_value(what, condition, seconds):
    deadline = time.monotonic() + seconds
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > deadline:
            raise Failed(f'{what}: not within {seconds} s')
        time.sleep(0.5)


def supervisors(data):
    """Process ids of what still runs a cluster on this data; a room dies with its supervisor."""
    found = []
    for path in glob.glob('/proc/[0-9]*/cmdline'):
        try:
            with open(path, 'rb') as file:
                line = file.read()
        except OSError:
            continue
        if b'raudal-flink\0run\0' in line and data.encode() in line:
            found.append(int(path.split('/')[2]))
    return found


class World:
    """The service of this run and the peers that examples share; each is started when first needed."""

    def __init__(self, folder):
        self.folder = folder
        self.service = None
        self.started = {}

    def get_service(self):
        if not self.service:
            self.service = ServiceProcess(self.folder).start()
            say('installing Flink')
            subprocess.run([RAUDAL, 'flink', 'install', '1.20', '--data', self.service.data], check=True,
                           stdout=sys.stderr)
            self.service.client('s3').create_bucket(Bucket=CODE_BUCKET)
        return self.service

    def peer(self, name):
        if name not in self.started:
            say(f'starting {name}')
            if name == 'kafka':
                certificate, key = self.authority()
                self.started[name] = peers.Kafka(self.folder, certificate, key)
            else:
                self.started[name] = peers.Postgres(self.folder)
        return self.started[name]

    def authority(self):
        """Certificate and key of the service's CA: what it signs, programs trust."""
        folder = os.path.join(self.service.data, 'ca')
        return os.path.join(folder, 'ca.pem'), os.path.join(folder, 'ca.key')

    def close(self):
        for peer in self.started.values():
            peer.close()
        if self.service:
            self.service.close()
            for supervisor in supervisors(self.service.data):
                os.kill(supervisor, signal.SIGKILL)


class Run:
    """One example on its way through the API; what recipes get."""
    role = ROLE

    def __init__(self, world, example, recipe):
        self.world, self.example, self.recipe = world, example, recipe
        self.service = world.get_service()
        self.short = example.name.split('/', 1)[1].replace('/', '-').lower()
        self.application = f'compat-{self.short}'
        self.output_stream = f'{STREAM_OUT}-{self.short}'
        self.api = self.client('kinesisanalyticsv2')
        self.cursors, self.texts = {}, []  # of the output stream: where it is read, and what was read
        for name in recipe.needs:
            setattr(self, name, world.peer(name))

    def client(self, name):
        return self.service.client(name)

    def load(self, *words):
        subprocess.run([RAUDAL, 'load', '--data', self.service.data, *words], check=True, capture_output=True)

    def host_port(self, groups, port):
        """Lets the program reach this port of the machine's loopback address."""
        groups.setdefault(RUN_OPTIONS, {})['host.ports'] = str(port)

    # ---- steps -------------------------------------------------------------------------------------

    def live(self, package):
        """Goes through all of it; returns a sentence about the results. Raises Failed."""
        self.recipe.prepare(self)
        self.create(package)
        try:
            self.start('SKIP_RESTORE_FROM_SNAPSHOT')
            first = self.more_than(0)
            self.snapshot()
            before = self.more_than(first)
            self.stop()
            before = max(before, self.count())
            if self.cursors:
                move_to(self, 'LATEST')
            self.start('RESTORE_FROM_LATEST_SNAPSHOT')
            after = self.more_than(before)
            self.stop()
        finally:
            self.delete()
        return f'{after} {self.recipe.what}'

    def properties(self):
        """The example's own development file, with this run's names in it."""
        names = ('flink-application-properties-dev.json', 'application_properties.json')
        found = [path for name in names
                 for path in glob.glob(os.path.join(self.example.folder, '**', name), recursive=True)
                 if f'{os.sep}target{os.sep}' not in path]
        groups = {}
        if found:
            with open(found[0], encoding='utf-8') as file:
                for group in json.load(file):
                    values = {key: str(value) for key, value in group['PropertyMap'].items()}
                    groups[group['PropertyGroupId']] = values
        self.recipe.properties(self, groups)
        return [{'PropertyGroupId': name, 'PropertyMap': values} for name, values in groups.items()]

    def create(self, package):
        key = os.path.basename(package)
        self.client('s3').upload_file(package, CODE_BUCKET, key)
        configuration = {
            'ApplicationCodeConfiguration': {
                'CodeContentType': 'ZIPFILE',
                'CodeContent': {'S3ContentLocation': {'BucketARN': f'arn:aws:s3:::{CODE_BUCKET}', 'FileKey': key}}},
            'EnvironmentProperties': {'PropertyGroups': self.properties()},
            'FlinkApplicationConfiguration': {'CheckpointConfiguration': {
                'ConfigurationType': 'CUSTOM', 'CheckpointingEnabled': True, 'CheckpointInterval': 5000,
                'MinPauseBetweenCheckpoints': 1000}},
            'ApplicationSnapshotConfiguration': {'SnapshotsEnabled': True}}
        self.api.create_application(ApplicationName=self.application, RuntimeEnvironment=self.recipe.runtime,
                                    ServiceExecutionRole=ROLE, ApplicationConfiguration=configuration)

    def status(self):
        return self.api.describe_application(ApplicationName=self.application)['ApplicationDetail']['ApplicationStatus']

    def start(self, restore):
        begin = time.monotonic()
        self.api.start_application(ApplicationName=self.application, RunConfiguration={
            'ApplicationRestoreConfiguration': {'ApplicationRestoreType': restore}})
        status = await_value('start', lambda: (s := self.status()) != 'STARTING' and s, START_SECONDS)
        if status != 'RUNNING':
            raise Failed(f'start: {status}: {self.last_failure()}')
        say(f'  {self.application}: RUNNING after {time.monotonic() - begin:.1f} s')

    def stop(self):
        self.api.stop_application(ApplicationName=self.application)
        status = await_value('stop', lambda: (s := self.status()) != 'STOPPING' and s, START_SECONDS)
        if status != 'READY':
            raise Failed(f'stop: {status}: {self.last_failure()}')

    def snapshot(self):
        self.api.create_application_snapshot(ApplicationName=self.application, SnapshotName='by-hand')

        def done():
            status = self.api.describe_application_snapshot(
                ApplicationName=self.application, SnapshotName='by-hand')['SnapshotDetails']['SnapshotStatus']
            return status != 'CREATING' and status
        status = await_value('snapshot', done, START_SECONDS)
        if status != 'READY':
            raise Failed(f'snapshot: {status}')

    def count(self):
        try:
            return self.recipe.count(self)
        except Wrong as wrong:
            raise Failed(f'wrong result: {wrong}') from wrong

    def more_than(self, before):
        """Feeds the application and awaits results beyond `before`; their number."""
        fed = 0.0

        def grown():
            nonlocal fed
            if time.monotonic() - fed > FEED_SECONDS:  # again and again: a source that begins at LATEST begins late
                self.recipe.feed(self)
                fed = time.monotonic()
            if self.status() != 'RUNNING':
                raise Failed(f'{self.status()} while running: {self.last_failure()}')
            count = self.count()
            return count if count > before else 0
        count = await_value(f'more than {before} {self.recipe.what}', grown, DATA_SECONDS)
        say(f'  {self.application}: {count} {self.recipe.what}')
        return count

    def last_failure(self):
        """What the newest failed operation says."""
        operations = self.api.list_application_operations(ApplicationName=self.application)
        for operation in operations.get('ApplicationOperationInfoList', []):
            if operation['OperationStatus'] in ('FAILED', 'CANCELLED'):
                detail = self.api.describe_application_operation(
                    ApplicationName=self.application,
                    OperationId=operation['OperationId'])['ApplicationOperationInfoDetails']
                return detail.get('OperationFailureDetails', {}).get('ErrorInfo', {}).get('ErrorString', 'no reason')
        return 'no failed operation'

    def delete(self):
        if self.status() not in ('READY',):
            self.api.stop_application(ApplicationName=self.application, Force=True)
            await_value('stop by force', lambda: self.status() == 'READY', START_SECONDS)
        detail = self.api.describe_application(ApplicationName=self.application)['ApplicationDetail']
        self.api.delete_application(ApplicationName=self.application, CreateTimestamp=detail['CreateTimestamp'])


def run_all(examples, folder, build_only):
    world, rows = World(folder), []
    try:
        for number, example in enumerate(examples, 1):
            say(f'[{number}/{len(examples)}] {example.name}')
            rows.append(run_one(world, example, build_only))
            say(f'  {rows[-1].result}: {rows[-1].detail}')
    finally:
        world.close()
    return rows


def run_one(world, example, build_only):
    built = builds.build(example)
    recipe = RECIPES.get(example.name)
    if not built.package:
        return Row(example.name, 'not built', built.reason)
    if recipe and recipe.missing:
        return Row(example.name, 'not run', recipe.missing)
    if not recipe:
        return Row(example.name, 'not run', 'it builds, but nothing here knows how to judge its results')
    if build_only:
        return Row(example.name, 'built', '')
    note = f'; built with {built.stood_in} for what does not resolve' if built.stood_in else ''
    try:
        return Row(example.name, 'ran', Run(world, example, recipe).live(built.package) + note)
    except peers.Missing as missing:
        return Row(example.name, 'not run', str(missing))
    except Exception as problem:  # pylint: disable=broad-except  # a table has a row for everything
        reason = ' '.join(str(problem).split())
        return Row(example.name, 'FAILED', f'{type(problem).__name__}: {reason[:300]}' if not isinstance(
            problem, Failed) else reason[:300])
