"""A `raudal serve` of the tests' own on a temporary folder, and three real clients that speak to it alike."""
import json
import os
import re
import shutil
import signal
import subprocess
import tempfile
import time

import boto3
import botocore.auth
import botocore.awsrequest
import botocore.config
import botocore.credentials
import botocore.exceptions
import urllib3

ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', '..')
BIN = os.environ.get('RAUDAL_BIN') or os.path.join(ROOT, 'build', 'dev', 'bin')
NODE_MODULES = os.environ.get('RAUDAL_NODE_MODULES') or os.path.join(ROOT, 'build', 'npm', 'node_modules')
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


class Service:
    region = REGION

    def __init__(self, options=()):
        self.root = tempfile.mkdtemp(prefix='raudal-api-')
        self.data = os.path.join(self.root, 'data')
        self.options = list(options)
        self.process = None

    def start(self):
        """Returns when the service says that it is ready."""
        self.log = open(os.path.join(self.root, 'log'), 'ab')
        self.process = subprocess.Popen([RAUDAL, 'serve', '--port', '0', '--data', self.data, *self.options],
                                        stdout=subprocess.PIPE, stderr=self.log, text=True, start_new_session=True)
        line = self.process.stdout.readline()
        found = re.search(r'ready at (http://\S+)', line)
        assert found, f'raudal serve did not start: {line} {self.log_text()}'
        self.endpoint = found[1]
        self.access_key, self.secret_key = self.credentials()
        return self

    def log_text(self):
        with open(os.path.join(self.root, 'log'), encoding='utf-8') as file:
            return file.read()

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        status = self.process.wait(timeout=30)
        self.log.close()
        self.process.stdout.close()
        return status

    def kill(self):
        self.process.kill()
        self.process.wait()

    def close(self):
        if self.process and self.process.poll() is None:
            self.stop()
        for pid in self.workers():
            os.kill(pid, signal.SIGKILL)
        shutil.rmtree(self.root, ignore_errors=True)

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
            named = any(word.endswith(b'raudal-worker') for word in words[:2])
            if named and state != 'Z' and any(self.data.encode() in word for word in words):
                found.append(int(name))
        return found

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


class ClientError(Exception):
    """What a client made of an error: its name and its message."""

    def __init__(self, name, message):
        super().__init__(f'{name}: {message}')
        self.name = name
        self.message = message


class Boto3:
    def __init__(self, service):
        self.client = service.client()

    def call(self, operation, **request):
        method = re.sub(r'(?<!^)(?=[A-Z])', '_', operation).lower()
        try:
            answer = getattr(self.client, method)(**request)
        except botocore.exceptions.ClientError as error:
            raise ClientError(error.response['Error']['Code'], error.response['Error']['Message']) from None
        answer.pop('ResponseMetadata')
        return answer


class AwsCommand:
    def __init__(self, service):
        self.environment = dict(service.environment(), AWS_PAGER='', AWS_MAX_ATTEMPTS='1')
        self.endpoint = service.endpoint

    def call(self, operation, **request):
        command = re.sub(r'(?<!^)(?=[A-Z])', '-', operation).lower()
        ended = subprocess.run(
            ['aws', 'kinesisanalyticsv2', command, '--endpoint-url', self.endpoint, '--output', 'json',
             '--cli-input-json', json.dumps(request, default=str)],
            env=self.environment, capture_output=True, text=True, check=False)
        if ended.returncode:
            found = re.search(r'An error occurred \((\w+)\)[^:]*: (.*)', ended.stderr, re.S)
            assert found, ended.stderr
            raise ClientError(found[1], found[2].strip())
        return json.loads(ended.stdout) if ended.stdout.strip() else {}


class JavaScript:
    """One node process for all calls: a request a line, an answer a line."""

    def __init__(self, service):
        self.node = subprocess.Popen(['node', os.path.join(os.path.dirname(__file__), 'client.js')],
                                     env=dict(service.environment(), NODE_PATH=NODE_MODULES),
                                     stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def call(self, operation, **request):
        self.node.stdin.write(json.dumps({'operation': operation, 'request': request}, default=str) + '\n')
        self.node.stdin.flush()
        answer = json.loads(self.node.stdout.readline())
        if 'error' in answer:
            raise ClientError(answer['error'], answer['message'])
        return answer['answer']

    def close(self):
        self.node.stdin.close()
        self.node.wait(timeout=10)
