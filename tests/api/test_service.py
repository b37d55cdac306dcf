"""The process: its folder, its key, its end, what it leaves running."""
import os
import signal
import stat
import subprocess
import time
import urllib.request

import pytest
from botocore.exceptions import ClientError

from programs import create, describe, start
from service import RAUDAL, Boto3, wait_for


def raudal(*words):
    return subprocess.run([RAUDAL, *words], capture_output=True, text=True, timeout=60, check=False)


def test_says_what_it_is_and_what_it_can_do():
    assert raudal('--version').stdout.startswith('raudal ')
    assert 'serve' in raudal('--help').stdout
    assert '--port' in raudal('serve', '--help').stdout
    assert raudal('nothing').returncode != 0


def test_health_needs_no_signature(service):
    with urllib.request.urlopen(service.endpoint + '/health') as answer:
        assert answer.status == 200


def test_key_is_made_once_and_is_its_owners_alone(own_service):
    own_service.start()
    path = os.path.join(own_service.data, 'credentials')
    assert stat.S_IMODE(os.stat(path).st_mode) == 0o600
    key = own_service.credentials()
    own_service.stop()
    own_service.start()
    assert own_service.credentials() == key


def test_environment_is_that_of_the_running_service(own_service):
    own_service.start()
    environment = own_service.environment()
    assert environment['AWS_ENDPOINT_URL'] == own_service.endpoint
    assert environment['AWS_REGION'] == environment['AWS_DEFAULT_REGION'] == 'us-east-1'
    assert environment['AWS_SHARED_CREDENTIALS_FILE'] == os.path.join(own_service.data, 'credentials')
    assert raudal('env', '--data', own_service.root).returncode == 1


def test_second_process_on_the_same_folder_is_refused(own_service):
    own_service.start()
    second = raudal('serve', '--port', '0', '--data', own_service.data)
    assert second.returncode == 1
    assert 'Another service uses this data directory' in second.stderr


def test_no_auth_is_for_loopback_alone(own_service):
    refused = raudal('serve', '--port', '0', '--data', own_service.data, '--host', '0.0.0.0', '--no-auth')
    assert refused.returncode == 1 and 'loopback' in refused.stderr
    own_service.options = ['--no-auth']
    own_service.start()
    status, _, answer = own_service.post('ListApplications', {}, sign=False)
    assert (status, answer) == (200, {'ApplicationSummaries': []})


def test_region_and_account_stand_in_arns(own_service):
    own_service.options = ['--region', 'eu-west-1', '--account', '123456789012', '--no-auth']
    own_service.start()
    _, _, answer = own_service.post('CreateApplication', {
        'ApplicationName': 'a', 'RuntimeEnvironment': 'FLINK-1_20', 'ServiceExecutionRole': 'arn:x'}, sign=False)
    assert answer['ApplicationDetail']['ApplicationARN'] == \
        'arn:aws:kinesisanalytics:eu-west-1:123456789012:application/a'


def test_applications_outlive_the_service_and_are_adopted(own_service):
    own_service.start()
    client = Boto3(own_service)
    create(own_service, client, 'a')
    start(client, 'a')
    worker = own_service.workers()
    assert len(worker) == 1
    begun = time.monotonic()
    assert own_service.stop() == 0
    assert time.monotonic() - begun < 3
    assert own_service.workers() == worker
    own_service.start()
    client = Boto3(own_service)
    assert describe(client, 'a')['ApplicationStatus'] == 'RUNNING'
    assert own_service.workers() == worker
    os.kill(worker[0], signal.SIGKILL)
    wait_for('another worker', lambda: own_service.workers() not in ([], worker))


def test_service_that_was_killed_comes_back_with_all_it_has_acknowledged(own_service):
    own_service.start()
    client = Boto3(own_service)
    create(own_service, client, 'a')
    own_service.kill()
    own_service.start()
    assert describe(Boto3(own_service), 'a')['ApplicationVersionId'] == 1


def test_worker_that_is_stopped_is_replaced(own_service):
    own_service.options = ['--worker-timeout', '1']
    own_service.start()
    client = Boto3(own_service)
    create(own_service, client, 'a')
    start(client, 'a')
    worker = own_service.workers()
    os.kill(worker[0], signal.SIGSTOP)
    wait_for('another worker', lambda: own_service.workers() not in ([], worker))


@pytest.mark.parametrize('secret', ['wrong'])
def test_wrong_secret_is_refused(service, secret):
    status, kind, _ = service.post('ListApplications', {}, secret=secret)
    assert (status, kind) == (403, 'InvalidSignatureException')


def test_unknown_key_and_missing_signature_are_refused(service):
    session = service.session()
    other = session.client('kinesisanalyticsv2', endpoint_url=service.endpoint, aws_access_key_id='AKIAOTHER',
                           aws_secret_access_key='x')
    with pytest.raises(ClientError) as caught:
        other.list_applications()
    assert caught.value.response['Error']['Code'] == 'UnrecognizedClientException'
    status, kind, _ = service.post('ListApplications', {}, sign=False)
    assert (status, kind) == (403, 'MissingAuthenticationTokenException')
