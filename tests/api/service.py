"""The service for tests of single calls, and three real clients that speak to it alike."""
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile

import botocore.exceptions

sys.path.append(os.path.join(os.path.dirname(os.path.abspath(__file__)), '..'))

# pylint: disable=wrong-import-position,unused-import
from service_process import RAUDAL, REGION, ROLE, ROOT, ServiceProcess, wait_for  # noqa: E402,F401

NODE_MODULES = os.environ.get('RAUDAL_NODE_MODULES') or os.path.join(ROOT, 'build', 'npm', 'node_modules')


class Service(ServiceProcess):
    """In a folder of its own, which goes with it."""
    region = REGION

    def __init__(self, options=()):
        super().__init__(tempfile.mkdtemp(prefix='raudal-api-'), options)

    def close(self):
        super().close()
        shutil.rmtree(self.root, ignore_errors=True)


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
