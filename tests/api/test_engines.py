"""Which engine runs a program, what is refused with the reason, and the link to a dashboard."""
import re

import pytest

from programs import ENDLESS, create, describe, operation, package, start, stop, upload, wait_for_status
from service import ROLE, Boto3, ClientError

MANIFEST = 'META-INF/MANIFEST.MF'
OURS = 'raudal.run.options'
PYTHON = 'kinesis.analytics.flink.run.options'
JAR = {MANIFEST: 'Manifest-Version: 1.0\nMain-Class: a.B\n', 'a/B.class': 'x'}


@pytest.fixture
def client(service):
    return Boto3(service)


def create_from(service, client, name, content, key, groups=None, runtime='FLINK-1_20'):
    upload(service, key, content)
    configuration = {'ApplicationCodeConfiguration': {
        'CodeContentType': 'ZIPFILE',
        'CodeContent': {'S3ContentLocation': {'BucketARN': 'arn:aws:s3:::ka-app-code-username', 'FileKey': key}}}}
    if groups:
        configuration['EnvironmentProperties'] = {'PropertyGroups': [
            {'PropertyGroupId': group, 'PropertyMap': values} for group, values in groups.items()]}
    return client.call('CreateApplication', ApplicationName=name, RuntimeEnvironment=runtime,
                       ServiceExecutionRole=ROLE, ApplicationConfiguration=configuration)


def refusal(client, operation, **request):
    with pytest.raises(ClientError) as refused:
        client.call(operation, **request)
    return refused.value


@pytest.mark.parametrize('files, groups, reason', [
    ({'main.sql': ENDLESS}, {OURS: {'engine': 'flink'}}, 'SQL programs run on the native engine'),
    ({'main.sql': ENDLESS}, {OURS: {'engine': 'storm'}}, 'native or flink'),
    (JAR, {OURS: {'engine': 'native'}}, 'A JAR needs Flink'),
    (JAR, {OURS: {'jobs': 'two'}}, 'one or many'),
    (JAR, {OURS: {'host.ports': 'all'}}, 'numbers of ports'),
    (JAR, {OURS: {'flink.rest.address': 'here'}}, 'address like http://'),
    ({MANIFEST: 'Manifest-Version: 1.0\n'}, None, 'names no Main-Class'),
    ({'main.py': ''}, None, 'name the main one as `python`'),
    ({'main.py': ''}, {PYTHON: {'python': 'main.py', 'pyModule': 'main'}}, 'pyModule is not supported'),
    ({'main.py': ''}, {PYTHON: {'python': 'main.py', 'pyRequirements': 'r.txt'}}, 'pyRequirements is not supported'),
    ({'main.py': ''}, {PYTHON: {'python': 'main.py', 'pyExecutable': 'python3'}}, 'pyExecutable is not supported'),
    ({'main.py': ''}, {PYTHON: {'python': 'main.py', 'jarfile': 'lib/a.jar'}}, 'holds no lib/a.jar'),
    ({'main.py': ''}, {PYTHON: {'jarfile': 'lib/a.jar'}}, 'name it as python'),
    ({'main.py': ''}, {OURS: {'engine': 'native'}, PYTHON: {'python': 'main.py'}}, 'A Python program needs Flink'),
])
def test_start_is_refused_with_the_reason(service, client, name, files, groups, reason):
    create_from(service, client, name, package(files), name + '.zip', groups)
    refused = refusal(client, 'StartApplication', ApplicationName=name)
    assert refused.name == 'InvalidApplicationConfigurationException'
    assert reason in refused.message
    assert describe(client, name)['ApplicationStatus'] == 'READY'


def test_package_that_is_nothing_is_refused(service, client, name):
    create_from(service, client, name, b'', name + '.jar')
    refused = refusal(client, 'StartApplication', ApplicationName=name)
    assert refused.name == 'InvalidApplicationConfigurationException'
    assert name + '.jar' in refused.message


@pytest.mark.parametrize('runtime', ['FLINK-1_6', 'FLINK-1_8', 'FLINK-1_11'])
def test_retired_runtimes_are_refused_at_create(service, client, name, runtime):
    upload(service, name + '.jar', package(JAR))
    with pytest.raises(ClientError) as refused:
        create_from(service, client, name, package(JAR), name + '.jar', runtime=runtime)
    assert refused.value.name == 'UnsupportedOperationException'
    assert runtime in refused.value.message


def test_runtime_1_13_is_refused_at_start(service, client, name):
    create_from(service, client, name, package(JAR), name + '.jar', runtime='FLINK-1_13')
    refused = refusal(client, 'StartApplication', ApplicationName=name)
    assert refused.name == 'InvalidApplicationConfigurationException'
    assert 'FLINK-1_13' in refused.message


def test_update_to_a_bad_program_does_not_stop_the_good_one(service, client, name):
    create(service, client, name)
    start(client, name)
    (worker,) = service.workers(f'/{name}-')
    upload(service, name + '.zip', package({'main.sql': 'INSERT INTO nowhere SELECT 1;'}))
    answer = client.call('UpdateApplication', ApplicationName=name, CurrentApplicationVersionId=1,
                         ApplicationConfigurationUpdate={'ApplicationCodeConfigurationUpdate': {'CodeContentUpdate': {
                             'S3ContentLocationUpdate': {'FileKeyUpdate': name + '.zip'}}}})
    wait_for_status(client, name, 'RUNNING')
    ended = operation(client, name, answer['OperationId'])
    assert ended['OperationStatus'] == 'FAILED'
    assert 'nowhere' in ended['OperationFailureDetails']['ErrorInfo']['ErrorString']
    assert service.workers(f'/{name}-') == [worker]
    stop(client, name)


def test_dashboard_link_is_for_running_applications(service, client, name):
    create(service, client, name)
    request = {'ApplicationName': name, 'UrlType': 'FLINK_DASHBOARD_URL'}
    assert refusal(client, 'CreateApplicationPresignedUrl', **request).name == 'ResourceInUseException'
    start(client, name)
    url = client.call('CreateApplicationPresignedUrl', **request)['AuthorizedUrl']
    assert re.fullmatch(re.escape(service.endpoint) + r'/_dashboard/[0-9a-f]+/', url)
    other = refusal(client, 'CreateApplicationPresignedUrl', ApplicationName=name, UrlType='ZEPPELIN_UI_URL')
    assert other.name == 'InvalidArgumentException'
    stop(client, name)
