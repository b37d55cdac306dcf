"""A `raudal serve` process of the tests' own, which can be killed and started again on the same data."""
import json
import os
import re
import signal
import subprocess
import time

import boto3
import botocore.auth
import botocore.awsrequest
import botocore.config
import botocore.credentials
import urllib3

ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), '..')
BIN = os.environ.get('RAUDAL_BIN') or os.path.join(ROOT, 'build', 'dev', 'bin')
RAUDAL = os.path.join(BIN, 'raudal')
ROLE = 'arn:aws:iam::000000000000:role/MF-stream-rw-role'
REGION = 'us-east-1'


def wait_for(what, condition, seconds=60):
    """The condition's first true value; fails the test after so many seconds."""
    deadline = time.monotonic() + seconds
    while True:
        value = condition()
        if value:
            return value
        assert time.monotonic() < deadline, f'waited {seconds} s for {what}'
        time.sleep(0.02)


class ServiceProcess:
    def __init__(self, root, options=(), variables=None):
        self.root = str(root)
        self.data = os.path.join(self.root, 'data')
        self.log = os.path.join(self.root, 'service.log')
        self.options = list(options)
        self.variables = variables or {}  # of its environment, besides the test's own
        self.port = 0  # any; a test that restarts the service on its port says which
        self.process = None

    def start(self):
        """Returns when the service says that it is ready."""
        with open(self.log, 'ab') as log:
            earlier = log.tell()
            self.process = subprocess.Popen(
                [RAUDAL, 'serve', '--port', str(self.port), '--data', self.data, *self.options],
                stdout=log, stderr=log, env=dict(os.environ, **self.variables), start_new_session=True)
        self.endpoint = wait_for('the service', lambda: self.address_in_log(earlier))
        return self

    def address_in_log(self, earlier):
        alive = self.alive()
        with open(self.log, 'rb') as file:
            file.seek(earlier)
            text = file.read().decode()
        found = re.search(r'ready at (http://\S+)\s', text)
        assert found or alive, f'raudal serve did not start: {text}'
        return found and found[1]

    def log_text(self):
        with open(self.log, encoding='utf-8', errors='replace') as file:
            return file.read()

    def alive(self):
        return self.process.poll() is None

    def revive(self):
        """Starts the service again if it is dead."""
        if not self.alive():
            self.start()

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(timeout=30)

    def kill(self):
        self.process.kill()
        self.process.wait()

    def close(self):
        if self.process and self.alive():
            self.stop()
        self.kill_workers()

    def workers(self, part=''):
        """Process ids of the raudal-workers that run on this service's data and have `part` in their command."""
        found = []
        for name in filter(str.isdigit, os.listdir('/proc')):
            try:
                with open(f'/proc/{name}/cmdline', 'rb') as file:
                    words = file.read().split(b'\0')
                with open(f'/proc/{name}/stat', encoding='utf-8') as file:
                    state = file.read().rsplit(')', 1)[1].split()[0]
            except OSError:
                continue
            runs = any(word.endswith(b'raudal-worker') and words[place + 1:place + 2] == [b'run']
                       for place, word in enumerate(words[:2]))
            command = b' '.join(words)
            if runs and state != 'Z' and self.data.encode() in command and part.encode() in command:
                found.append(int(name))
        return found

    def kill_workers(self):
        killed = self.workers()
        for pid in killed:
            os.kill(pid, signal.SIGKILL)
        return killed

    def environment(self):
        """The environment that `raudal env` gives a shell."""
        script = f'eval "$("{RAUDAL}" env --data "{self.data}")"; env -0'
        text = subprocess.run(['sh', '-c', script], check=True, capture_output=True, text=True).stdout
        return dict(item.split('=', 1) for item in text.split('\0') if '=' in item)

    def credentials(self):
        with open(os.path.join(self.data, 'credentials'), encoding='utf-8') as file:
            values = dict(re.findall(r'(\w+) = (\S+)', file.read()))
        return values['aws_access_key_id'], values['aws_secret_access_key']

    def session(self):
        key, secret = self.credentials()
        return boto3.Session(aws_access_key_id=key, aws_secret_access_key=secret, region_name=REGION)

    def client(self, name='kinesisanalyticsv2', **config):
        settings = botocore.config.Config(retries={'max_attempts': 0}, s3={'addressing_style': 'path'}, **config)
        return self.session().client(name, endpoint_url=self.endpoint, config=settings)

    def post(self, target, body, sign=True, secret=None, headers=None):
        """One raw request: (status, error type, answer)."""
        body = body if isinstance(body, bytes) else (body if isinstance(body, str) else json.dumps(body)).encode()
        headers = {'Content-Type': 'application/x-amz-json-1.1', **(headers or {})}
        if target is not None:
            headers['X-Amz-Target'] = target if '.' in target else 'KinesisAnalytics_20180523.' + target
        request = botocore.awsrequest.AWSRequest('POST', self.endpoint + '/', headers=headers, data=body)
        if sign:
            key, own_secret = self.credentials()
            keys = botocore.credentials.Credentials(key, secret or own_secret)
            botocore.auth.SigV4Auth(keys, 'kinesisanalytics', REGION).add_auth(request)
        answer = urllib3.request('POST', self.endpoint + '/', body=body, headers=dict(request.headers), retries=False)
        value = json.loads(answer.data)
        return answer.status, value.get('__type'), value
