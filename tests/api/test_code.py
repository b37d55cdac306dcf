"""Where code may come from, what a program's end means, and that no process is left."""
import base64

import pytest

from programs import ENDLESS, create, describe, package, start, stop, upload, wait_for_status
from service import ROLE, Boto3, wait_for

BOUNDED = ENDLESS.replace("'rows-per-second' = '100'", "'number-of-rows' = '10'")


@pytest.fixture
def client(service):
    return Boto3(service)


def create_with(client, name, content, kind, **more):
    return client.call('CreateApplication', ApplicationName=name, RuntimeEnvironment='FLINK-1_20',
                       ServiceExecutionRole=ROLE, ApplicationConfiguration={
                           'ApplicationCodeConfiguration': {'CodeContent': content, 'CodeContentType': kind}, **more})


def workers_of(service, name):
    """Process ids of the workers of one application."""
    return service.workers(f'/{name}-')


def test_inline_zip_runs(client, name):
    content = package({'main.sql': ENDLESS})
    detail = create_with(client, name, {'ZipFileContent': content}, 'ZIPFILE')['ApplicationDetail']
    code = detail['ApplicationConfigurationDescription']['ApplicationCodeConfigurationDescription']
    assert code['CodeContentDescription'] == {'CodeSize': len(content)}
    start(client, name)
    stop(client, name)


def test_inline_text_runs(client, name):
    detail = create_with(client, name, {'TextContent': ENDLESS}, 'PLAINTEXT')['ApplicationDetail']
    code = detail['ApplicationConfigurationDescription']['ApplicationCodeConfigurationDescription']
    assert code == {'CodeContentType': 'PLAINTEXT', 'CodeContentDescription': {'TextContent': ENDLESS}}
    start(client, name)
    stop(client, name)


def test_content_must_fit_its_type(service, name):
    code = {'CodeContentType': 'PLAINTEXT', 'CodeContent': {
        'ZipFileContent': base64.b64encode(package({'main.sql': ENDLESS})).decode()}}
    status, kind, _ = service.post('CreateApplication', {
        'ApplicationName': name, 'RuntimeEnvironment': 'FLINK-1_20', 'ServiceExecutionRole': ROLE,
        'ApplicationConfiguration': {'ApplicationCodeConfiguration': code}})
    assert (status, kind) == (400, 'InvalidArgumentException')


def test_program_is_the_file_that_the_run_options_name(service, client, name):
    upload(service, name + '.zip', package({'jobs/second.sql': ENDLESS, 'main.sql': 'nonsense'}))
    location = {'BucketARN': 'arn:aws:s3:::ka-app-code-username', 'FileKey': name + '.zip'}
    create_with(client, name, {'S3ContentLocation': location}, 'ZIPFILE', EnvironmentProperties={'PropertyGroups': [
        {'PropertyGroupId': 'raudal.run.options', 'PropertyMap': {'sql': 'jobs/second.sql'}}]})
    start(client, name)
    stop(client, name)


def test_pinned_version_of_the_object_is_used(service, client, name):
    good = upload(service, name + '.zip', package({'main.sql': ENDLESS}))
    upload(service, name + '.zip', b'no archive')
    location = {'BucketARN': 'arn:aws:s3:::ka-app-code-username', 'FileKey': name + '.zip', 'ObjectVersion': good}
    create_with(client, name, {'S3ContentLocation': location}, 'ZIPFILE')
    start(client, name)
    stop(client, name)


def test_bounded_job_that_has_finished_leaves_the_application_ready(service, client, name):
    create(service, client, name, BOUNDED)
    client.call('StartApplication', ApplicationName=name)
    wait_for('the run', lambda: 'RunConfigurationDescription' in describe(client, name)[
        'ApplicationConfigurationDescription'])
    wait_for_status(client, name, 'READY')
    assert workers_of(service, name) == []


def test_one_worker_runs_and_none_is_left(service, client, name):
    create(service, client, name)
    start(client, name)
    assert len(workers_of(service, name)) == 1
    stop(client, name)
    assert workers_of(service, name) == []
    start(client, name)
    assert len(workers_of(service, name)) == 1
    client.call('DeleteApplication', ApplicationName=name, CreateTimestamp=describe(client, name)['CreateTimestamp'])
    wait_for('the worker to be gone', lambda: workers_of(service, name) == [])
