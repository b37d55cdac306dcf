"""Temporary keys: how a program gets those of its role, and that every service takes them until they expire."""
import hashlib
import hmac
import json
import os
import subprocess

import boto3
import botocore.session
import pytest
import urllib3
from botocore.config import Config
from botocore.exceptions import ClientError

from service import REGION, Service, wait_for

APPLICATION = 'arn:aws:kinesisanalytics:us-east-1:000000000000:application/my app'
ROLE = 'arn:aws:iam::000000000000:role/service-role/MF-stream-rw-role'


def application_token(service, application=APPLICATION, role=ROLE):
    """What the service gives a program, made from the service's key."""
    with open(os.path.join(service.data, 'credentials-key'), encoding='utf-8') as file:
        key = file.read().strip().encode()
    names = f'{application}\n{role}'.encode()
    return names.hex() + '.' + hmac.new(key, names, hashlib.sha256).hexdigest()


def get_credentials(service, token):
    headers = {'Authorization': token} if token else {}
    answer = urllib3.request('GET', service.endpoint + '/credentials', headers=headers)
    return answer.status, json.loads(answer.data)


def client_with(service, keys, name, **config):
    return boto3.client(name, endpoint_url=service.endpoint, region_name=REGION,
                        aws_access_key_id=keys['AccessKeyId'], aws_secret_access_key=keys['SecretAccessKey'],
                        aws_session_token=keys.get('Token') or keys.get('SessionToken'),
                        config=Config(retries={'total_max_attempts': 1}, s3={'addressing_style': 'path'}, **config))


def error_of(call, **arguments):
    with pytest.raises(ClientError) as caught:
        call(**arguments)
    return caught.value.response['Error'], caught.value.response['ResponseMetadata']['HTTPStatusCode']


@pytest.fixture
def keys(service):
    status, answer = get_credentials(service, application_token(service))
    assert status == 200
    return answer


def test_a_programs_token_gives_keys_of_its_role(service, keys):
    assert sorted(keys) == ['AccessKeyId', 'Expiration', 'RoleArn', 'SecretAccessKey', 'Token']
    assert keys['RoleArn'] == ROLE
    identity = client_with(service, keys, 'sts').get_caller_identity()
    assert identity['Arn'] == 'arn:aws:sts::000000000000:assumed-role/MF-stream-rw-role/my-app'
    assert identity['Account'] == '000000000000'


@pytest.mark.parametrize('token', ['', 'x', 'x.y', '61.00'])
def test_any_other_token_is_refused(service, token):
    status, answer = get_credentials(service, token)
    assert (status, answer['code']) == (401, 'AccessDenied')
    sealed = application_token(service)
    assert get_credentials(service, '7' + sealed[1:])[0] == 401
    assert get_credentials(service, sealed)[0] == 200


def test_sdks_find_them_by_the_containers_variables(service, monkeypatch):
    for name in ['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY', 'AWS_SESSION_TOKEN', 'AWS_PROFILE']:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv('AWS_CONTAINER_CREDENTIALS_FULL_URI', service.endpoint + '/credentials')
    monkeypatch.setenv('AWS_CONTAINER_AUTHORIZATION_TOKEN', application_token(service))
    monkeypatch.setenv('AWS_SHARED_CREDENTIALS_FILE', '/dev/null')
    monkeypatch.setenv('AWS_CONFIG_FILE', '/dev/null')
    session = botocore.session.Session()
    client = session.create_client('sts', region_name=REGION, endpoint_url=service.endpoint)
    assert client.get_caller_identity()['Arn'].endswith('/my-app')
    assert session.get_credentials().method == 'container-role'


def test_s3_takes_them_in_headers_in_streams_and_in_presigned_urls(service, keys):
    s3 = client_with(service, keys, 's3', signature_version='s3v4')
    s3.create_bucket(Bucket='session-bucket')
    s3.put_object(Bucket='session-bucket', Key='a', Body=b'hello')
    url = s3.generate_presigned_url('get_object', Params={'Bucket': 'session-bucket', 'Key': 'a'})
    assert 'X-Amz-Security-Token' in url
    assert urllib3.request('GET', url).data == b'hello'
    assert urllib3.request('GET', url.replace('X-Amz-Security-Token=', 'X-Amz-Security-Token=A')).status == 400
    s3.delete_object(Bucket='session-bucket', Key='a')
    s3.delete_bucket(Bucket='session-bucket')


def test_the_aws_command_takes_them(service, keys, tmp_path):
    environment = dict(os.environ, HOME=str(tmp_path), AWS_ACCESS_KEY_ID=keys['AccessKeyId'], AWS_PAGER='',
                       AWS_SECRET_ACCESS_KEY=keys['SecretAccessKey'], AWS_SESSION_TOKEN=keys['Token'],
                       AWS_DEFAULT_REGION=REGION)
    for words in [['s3', 'mb', 's3://session-cli'], ['s3', 'cp', __file__, 's3://session-cli/file'],
                  ['s3', 'rb', '--force', 's3://session-cli'],
                  ['kinesisanalyticsv2', 'list-applications'], ['sts', 'get-caller-identity']]:
        subprocess.run(['aws', '--endpoint-url', service.endpoint, *words], env=environment, check=True,
                       capture_output=True)


def test_the_api_takes_them(service, keys):
    assert 'ApplicationSummaries' in client_with(service, keys, 'kinesisanalyticsv2').list_applications()


def test_keys_without_their_token_or_with_anothers_are_refused(service, keys):
    bare = {**keys, 'Token': None}
    assert error_of(client_with(service, bare, 'sts').get_caller_identity)[0]['Code'] == 'InvalidClientTokenId'
    assert error_of(client_with(service, bare, 's3').list_buckets)[0]['Code'] == 'InvalidAccessKeyId'
    assert error_of(client_with(service, bare, 'kinesisanalyticsv2').list_applications)[0]['Code'] \
        == 'UnrecognizedClientException'
    other = {**keys, 'Token': get_credentials(service, application_token(service))[1]['Token']}
    assert error_of(client_with(service, other, 's3').list_buckets)[0]['Code'] == 'InvalidToken'
    wrong = {**keys, 'SecretAccessKey': 'x' * 40}
    assert error_of(client_with(service, wrong, 'sts').get_caller_identity)[0]['Code'] == 'SignatureDoesNotMatch'


def test_keys_expire_in_each_services_words_and_outlive_a_restart():
    service = Service(['--credentials-lifetime', '2']).start()
    try:
        keys = get_credentials(service, application_token(service))[1]
        sts = client_with(service, keys, 'sts')
        sts.get_caller_identity()
        service.stop()
        service.start()
        client_with(service, keys, 'sts').get_caller_identity()

        def expired():
            try:
                client_with(service, keys, 'sts').get_caller_identity()
            except ClientError as error:
                return error.response['Error']['Code'] == 'ExpiredToken'
            return False

        wait_for('the keys to expire', expired)
        assert error_of(client_with(service, keys, 'sts').get_caller_identity) == (
            {'Type': 'Sender', 'Code': 'ExpiredToken',
             'Message': 'The security token included in the request is expired'}, 403)
        error = error_of(client_with(service, keys, 's3').list_buckets)[0]
        assert (error['Code'], error['Message']) == ('ExpiredToken', 'The provided token has expired.')
        assert error_of(client_with(service, keys, 'kinesisanalyticsv2').list_applications)[0]['Code'] \
            == 'ExpiredTokenException'
    finally:
        service.close()


def test_refused_calls_stand_in_the_log(service, keys):
    bare = {**keys, 'Token': None}
    error_of(client_with(service, bare, 'sts').get_caller_identity)
    error_of(client_with(service, bare, 's3').list_objects_v2, Bucket='some-bucket')
    error_of(client_with(service, keys, 'kinesisanalyticsv2').describe_application, ApplicationName='nobody-there')
    with open(os.path.join(service.data, 'service.log'), encoding='utf-8') as file:
        records = [json.loads(line) for line in file]
    refused = [(record['messageType'], record['message']) for record in records if ' refused ' in record['message']]
    assert any(level == 'WARN' and 'sts refused GetCallerIdentity: 403' in text and keys['AccessKeyId'] in text
               for level, text in refused), refused
    assert any(level == 'INFO' and 'kinesisanalytics refused DescribeApplication: 400 ResourceNotFound' in text
               and 'nobody-there' in text for level, text in refused), refused
    assert any(level == 'WARN' and 's3 refused GET /some-bucket: 403 InvalidAccessKeyId' in text
               for level, text in refused), refused
