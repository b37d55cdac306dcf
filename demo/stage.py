"""What both demos stand on: the service in a temporary folder, the ordinary aws client, and words for the terminal."""
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time

COLOUR = sys.stdout.isatty()


def paint(code, text):
    return f'\033[{code}m{text}\033[0m' if COLOUR else text


def title(text):
    print(f'\n{paint("1;36", text)}', flush=True)


def note(text):
    print(f'  {text}', flush=True)


def command(text):
    """What could be typed to do the same."""
    print(f'  $ {text}', flush=True)


class Stage:
    """A service, its client and one application. `deadline` is for what a step waits for, in seconds."""

    def __init__(self, bin_folder, application, deadline):
        self.bin = os.path.abspath(bin_folder)
        self.application_name = application
        self.deadline = deadline
        self.root = tempfile.mkdtemp(prefix='raudal-demo-')
        self.data = os.path.join(self.root, 'data')
        self.service = None

    # ---- the service and its client ---------------------------------------------------------------

    def start_service(self):
        command(f'raudal serve --port 0 --data {self.data}')
        with open(os.path.join(self.root, 'service.log'), 'wb') as log:
            self.service = subprocess.Popen([os.path.join(self.bin, 'raudal'), 'serve', '--port', '0', '--data',
                                             self.data], stdout=log, stderr=log, start_new_session=True)
        self.wait('the service', lambda: os.path.exists(os.path.join(self.data, 'endpoint')) or
                  self.service.poll() is not None)
        if self.service.poll() is not None:
            self.fail('the service did not start')
        with open(os.path.join(self.data, 'endpoint'), encoding='utf-8') as file:
            self.endpoint = file.read().strip()
        self.environment = dict(os.environ, AWS_SHARED_CREDENTIALS_FILE=os.path.join(self.data, 'credentials'),
                                AWS_REGION='us-east-1', AWS_DEFAULT_REGION='us-east-1', AWS_PAGER='')
        for name in ('AWS_PROFILE', 'AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY', 'AWS_SESSION_TOKEN'):
            self.environment.pop(name, None)
        note(f'listening on {self.endpoint}')

    def aws(self, *words, show=True):
        """Runs the aws client; its answer as an object where it is JSON."""
        if show:
            command('aws ' + ' '.join(word if len(word) < 60 and ' ' not in word else "'…'" for word in words))
        run = subprocess.run(['aws', '--endpoint-url', self.endpoint, '--output', 'json', *words], text=True,
                             env=self.environment, capture_output=True, check=False)
        if run.returncode != 0:
            self.fail(f'aws {words[0]} {words[1]}: {run.stderr.strip()}')
        try:
            return json.loads(run.stdout)
        except ValueError:
            return {}

    # ---- the application --------------------------------------------------------------------------

    def application(self):
        answer = self.aws('kinesisanalyticsv2', 'describe-application', '--application-name', self.application_name,
                          show=False)
        return answer['ApplicationDetail']

    def await_status(self, status):
        begin = time.monotonic()
        self.wait(f'status {status}', lambda: self.application()['ApplicationStatus'] == status)
        note(f'{paint("32", status)} (seen after {time.monotonic() - begin:.1f} s)')

    def start(self, restore=None):
        words = ['kinesisanalyticsv2', 'start-application', '--application-name', self.application_name]
        if restore:
            words += ['--run-configuration', json.dumps(
                {'ApplicationRestoreConfiguration': {'ApplicationRestoreType': restore}})]
            note(f'(restore type: {restore})')
        self.aws(*words)
        self.await_status('RUNNING')

    def stop(self):
        self.aws('kinesisanalyticsv2', 'stop-application', '--application-name', self.application_name)
        self.await_status('READY')

    def snapshot(self, name):
        self.aws('kinesisanalyticsv2', 'create-application-snapshot', '--application-name', self.application_name,
                 '--snapshot-name', name)
        self.wait('the snapshot', lambda: self.aws(
            'kinesisanalyticsv2', 'describe-application-snapshot', '--application-name', self.application_name,
            '--snapshot-name', name, show=False)['SnapshotDetails']['SnapshotStatus'] == 'READY')
        note(paint('32', 'READY'))

    def scale(self, parallelism):
        version = str(self.application()['ApplicationVersionId'])
        self.aws('kinesisanalyticsv2', 'update-application', '--application-name', self.application_name,
                 '--current-application-version-id', version, '--application-configuration-update', json.dumps(
                     {'FlinkApplicationConfigurationUpdate': {'ParallelismConfigurationUpdate': {
                         'ParallelismUpdate': parallelism}}}))
        configuration = self.application()['ApplicationConfigurationDescription']
        told = configuration['FlinkApplicationConfigurationDescription']['ParallelismConfigurationDescription']
        note(f'parallelism is {told["Parallelism"]} now')

    # ---- its processes ----------------------------------------------------------------------------

    def processes(self, *parts):
        """Process ids on this demo's data that have all these words in their command."""
        found = []
        for name in filter(str.isdigit, os.listdir('/proc')):
            try:
                with open(f'/proc/{name}/cmdline', 'rb') as file:
                    line = file.read().replace(b'\0', b' ')
            except OSError:
                continue
            if all(part.encode() in line for part in (self.data, *parts)):
                found.append(int(name))
        return found

    def kill(self, pids, what):
        for pid in pids:
            command(f'kill -9 {pid}   # {what}')
            os.kill(pid, signal.SIGKILL)

    # ---- the rest ---------------------------------------------------------------------------------

    def wait(self, what, condition):
        """Polls until it is so; on a terminal a line counts the seconds of what takes longer."""
        begin, told = time.monotonic(), False
        while not condition():
            seconds = time.monotonic() - begin
            if seconds > self.deadline:
                self.fail(f'waited {self.deadline} s for {what}')
            if COLOUR and seconds > 1:
                print(f'\r  … {what}: {seconds:.0f} s', end='', flush=True)
                told = True
            time.sleep(0.02)
        if told:
            print('\r\033[K', end='', flush=True)

    def fail(self, reason):
        print(paint('1;31', f'\nThe demo failed: {reason}'), file=sys.stderr)
        log = os.path.join(self.root, 'service.log')
        if os.path.exists(log):
            with open(log, encoding='utf-8', errors='replace') as file:
                print('The end of the service log:\n' + ''.join(file.readlines()[-15:]), file=sys.stderr)
        raise SystemExit(1)

    def close(self, keep, *processes_of):
        """Ends the service and what runs on its data; `processes_of` are words in the commands of what may be left."""
        if self.service and self.service.poll() is None:
            self.service.send_signal(signal.SIGTERM)
            self.service.wait(timeout=30)
        for word in processes_of:
            for pid in self.processes(word):
                os.kill(pid, signal.SIGKILL)
        if keep:
            print(f'\nAll of it is in {self.root}')
        else:
            shutil.rmtree(self.root, ignore_errors=True)
