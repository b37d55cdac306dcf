"""STS with boto3, the aws command and plain requests."""
import os
import subprocess
import urllib.parse

import boto3
import botocore
import pytest
import urllib3
from botocore.config import Config

from service import REGION
from test_session_credentials import client_with, error_of

ROLE = 'arn:aws:iam::000000000000:role/path/to/reader'


@pytest.fixture
def sts(service):
    return service.client('sts')


def test_the_root_key_is_told_who_it_is(sts):
    identity = sts.get_caller_identity()
    assert (identity['Arn'], identity['UserId'], identity['Account']) == (
        'arn:aws:iam::000000000000:root', '000000000000', '000000000000')


def test_a_role_is_assumed_and_its_keys_work(service, sts):
    answer = sts.assume_role(RoleArn=ROLE, RoleSessionName='me@work', DurationSeconds=900, SourceIdentity='somebody')
    assert answer['AssumedRoleUser']['Arn'] == 'arn:aws:sts::000000000000:assumed-role/reader/me@work'
    assert answer['AssumedRoleUser']['AssumedRoleId'].endswith(':me@work')
    assert answer['SourceIdentity'] == 'somebody'
    keys = answer['Credentials']
    assert keys['AccessKeyId'].startswith('ASIA')
    identity = client_with(service, keys, 'sts').get_caller_identity()
    assert identity['Arn'] == answer['AssumedRoleUser']['Arn']
    assert identity['UserId'] == answer['AssumedRoleUser']['AssumedRoleId']
    # A session may assume the next role.
    again = client_with(service, keys, 'sts').assume_role(RoleArn=ROLE + '2', RoleSessionName='second')
    assert again['AssumedRoleUser']['Arn'].endswith('/reader2/second')


def test_a_session_of_the_root_key_is_still_the_root(service, sts):
    keys = sts.get_session_token()['Credentials']
    session = client_with(service, keys, 'sts')
    assert session.get_caller_identity()['Arn'].endswith(':root')
    assert error_of(session.get_session_token)[0]['Code'] == 'AccessDenied'


@pytest.mark.parametrize('change', [{'RoleArn': 'arn:aws:iam::000000000000:user/somebody'},
                                    {'RoleArn': 'arn:aws:iam::short:role/reader'},
                                    {'RoleSessionName': 'with blank'},
                                    {'DurationSeconds': 50_000}])
def test_what_sts_refuses(sts, change):
    error, status = error_of(sts.assume_role, **{'RoleArn': ROLE, 'RoleSessionName': 'name', **change})
    assert (error['Code'], status) == ('ValidationError', 400)


def test_its_clients_may_sign_for_another_region(service):
    key, secret = service.credentials()
    client = boto3.client('sts', endpoint_url=service.endpoint, region_name='eu-west-1', aws_access_key_id=key,
                          aws_secret_access_key=secret, config=Config(retries={'total_max_attempts': 1}))
    assert client.get_caller_identity()['Account'] == '000000000000'


def test_a_presigned_get_tells_who_signed(sts):
    url = sts.generate_presigned_url('get_caller_identity', HttpMethod='GET')
    answer = urllib3.request('GET', url)
    assert answer.status == 200
    assert b'<Arn>arn:aws:iam::000000000000:root</Arn>' in answer.data


def test_no_identity_provider_is_known(service):
    body = urllib.parse.urlencode({'Action': 'AssumeRoleWithWebIdentity', 'Version': '2011-06-15', 'RoleArn': ROLE,
                                   'RoleSessionName': 'name', 'WebIdentityToken': 'a.b.c'})
    answer = urllib3.request('POST', service.endpoint + '/', body=body,
                             headers={'Content-Type': 'application/x-www-form-urlencoded'}, retries=False)
    assert answer.status == 400
    assert b'<Code>InvalidIdentityToken</Code>' in answer.data
    anonymous = boto3.client('sts', endpoint_url=service.endpoint, region_name=REGION,
                             config=Config(signature_version=botocore.UNSIGNED, retries={'total_max_attempts': 1}))
    assert error_of(anonymous.get_caller_identity)[0]['Code'] == 'MissingAuthenticationToken'


def test_the_aws_command_assumes_a_role(service):
    made = subprocess.run(['aws', 'sts', 'assume-role', '--role-arn', ROLE, '--role-session-name', 'cli', '--query',
                           'AssumedRoleUser.Arn', '--output', 'text', '--endpoint-url', service.endpoint],
                          env=dict(os.environ, **service.environment()), capture_output=True, text=True, check=True)
    assert made.stdout.strip() == 'arn:aws:sts::000000000000:assumed-role/reader/cli'


@pytest.mark.parametrize('name, operation, arguments', [
    ('dynamodb', 'list_tables', {}),
    ('cloudwatch', 'put_metric_data', {'Namespace': 'n', 'MetricData': [{'MetricName': 'm', 'Value': 1}]}),
    ('events', 'list_rules', {}),
    ('iam', 'list_roles', {})])
def test_a_service_that_is_not_answered_says_so(service, name, operation, arguments):
    error, status = error_of(getattr(service.client(name), operation), **arguments)
    assert error['Code'] == 'UnsupportedOperationException'
    assert 'is not answered by Raudal' in error['Message']
    assert status == 400
