"""Secrets Manager with boto3 and the aws command."""
import datetime
import itertools
import json
import os
import subprocess
import uuid

import pytest

from test_session_credentials import application_token, client_with, error_of, get_credentials

numbers = itertools.count(1)


@pytest.fixture
def secrets(service):
    return service.client('secretsmanager')


@pytest.fixture
def secret_name():
    return f'app/db-{next(numbers)}'


def code_of(call, **arguments):
    return error_of(call, **arguments)[0]['Code']


def test_a_secret_is_found_by_name_arn_and_part_of_its_arn(secrets, secret_name):
    made = secrets.create_secret(Name=secret_name, SecretString='{"password":"p"}', Description='of the database',
                                 Tags=[{'Key': 'team', 'Value': 'data'}])
    assert made['ARN'].startswith(f'arn:aws:secretsmanager:us-east-1:000000000000:secret:{secret_name}-')
    for name in [secret_name, made['ARN'], made['ARN'][:-7]]:
        value = secrets.get_secret_value(SecretId=name)
        assert json.loads(value['SecretString']) == {'password': 'p'}
        assert (value['ARN'], value['Name'], value['VersionId']) == (made['ARN'], secret_name, made['VersionId'])
        assert value['VersionStages'] == ['AWSCURRENT']
    described = secrets.describe_secret(SecretId=secret_name)
    assert described['Description'] == 'of the database'
    assert described['Tags'] == [{'Key': 'team', 'Value': 'data'}]
    assert described['VersionIdsToStages'] == {made['VersionId']: ['AWSCURRENT']}
    assert abs(described['CreatedDate'] - datetime.datetime.now(datetime.timezone.utc)) < datetime.timedelta(minutes=1)


def test_bytes_come_back_as_they_were(secrets, secret_name):
    secrets.create_secret(Name=secret_name, SecretBinary=b'\x00\xff bytes')
    value = secrets.get_secret_value(SecretId=secret_name)
    assert value['SecretBinary'] == b'\x00\xff bytes'
    assert 'SecretString' not in value


def test_a_new_value_makes_the_old_one_previous(secrets, secret_name):
    first = secrets.create_secret(Name=secret_name, SecretString='1')['VersionId']
    second = secrets.put_secret_value(SecretId=secret_name, SecretString='2')
    assert second['VersionStages'] == ['AWSCURRENT']
    third = secrets.update_secret(SecretId=secret_name, SecretString='3')['VersionId']

    def value(**which):
        return secrets.get_secret_value(SecretId=secret_name, **which)['SecretString']

    assert value() == '3'
    assert value(VersionStage='AWSPREVIOUS') == '2'
    assert value(VersionId=first) == '1'
    assert secrets.describe_secret(SecretId=secret_name)['VersionIdsToStages'] == {
        third: ['AWSCURRENT'], second['VersionId']: ['AWSPREVIOUS']}
    assert len(secrets.list_secret_version_ids(SecretId=secret_name)['Versions']) == 2
    assert len(secrets.list_secret_version_ids(SecretId=secret_name, IncludeDeprecated=True)['Versions']) == 3
    secrets.update_secret_version_stage(SecretId=secret_name, VersionStage='AWSCURRENT', RemoveFromVersionId=third,
                                        MoveToVersionId=second['VersionId'])
    assert value() == '2'
    assert value(VersionStage='AWSPREVIOUS') == '3'


def test_labels_of_its_own_leave_the_current_value_alone(secrets, secret_name):
    secrets.create_secret(Name=secret_name, SecretString='1')
    made = secrets.put_secret_value(SecretId=secret_name, SecretString='2', VersionStages=['AWSPENDING'])
    assert made['VersionStages'] == ['AWSPENDING']
    assert secrets.get_secret_value(SecretId=secret_name)['SecretString'] == '1'
    assert secrets.get_secret_value(SecretId=secret_name, VersionStage='AWSPENDING')['SecretString'] == '2'


def test_the_same_request_twice_is_one(secrets, secret_name):
    token = str(uuid.uuid4())
    made = [secrets.create_secret(Name=secret_name, SecretString='1', ClientRequestToken=token)['ARN'] for _ in '12']
    assert made[0] == made[1]
    secrets.put_secret_value(SecretId=secret_name, SecretString='1', ClientRequestToken=token)
    assert code_of(secrets.put_secret_value, SecretId=secret_name, SecretString='other', ClientRequestToken=token) \
        == 'ResourceExistsException'
    assert code_of(secrets.create_secret, Name=secret_name, SecretString='1') == 'ResourceExistsException'


def test_deletion_can_be_taken_back_unless_forced(secrets, secret_name):
    secrets.create_secret(Name=secret_name, SecretString='1')
    gone = secrets.delete_secret(SecretId=secret_name, RecoveryWindowInDays=7)['DeletionDate']
    assert datetime.timedelta(days=6) < gone - datetime.datetime.now(datetime.timezone.utc) < datetime.timedelta(days=8)
    assert code_of(secrets.get_secret_value, SecretId=secret_name) == 'InvalidRequestException'
    assert code_of(secrets.create_secret, Name=secret_name, SecretString='1') == 'InvalidRequestException'
    assert 'DeletedDate' in secrets.describe_secret(SecretId=secret_name)
    secrets.restore_secret(SecretId=secret_name)
    assert secrets.get_secret_value(SecretId=secret_name)['SecretString'] == '1'
    secrets.delete_secret(SecretId=secret_name, ForceDeleteWithoutRecovery=True)
    assert code_of(secrets.describe_secret, SecretId=secret_name) == 'ResourceNotFoundException'
    secrets.delete_secret(SecretId=secret_name, ForceDeleteWithoutRecovery=True)
    again = secrets.create_secret(Name=secret_name, SecretString='2')
    assert secrets.get_secret_value(SecretId=again['ARN'])['SecretString'] == '2'


def test_secrets_are_listed_and_filtered_in_pages(secrets):
    names = [f'listed-{number}' for number in range(5)]
    for name in names:
        secrets.create_secret(Name=name, SecretString='x', Tags=[{'Key': 'even', 'Value': str(int(name[-1]) % 2)}])
    pages = secrets.get_paginator('list_secrets').paginate(Filters=[{'Key': 'name', 'Values': ['listed-']}],
                                                           SortOrder='asc', PaginationConfig={'PageSize': 2})
    sizes = [[item['Name'] for item in page['SecretList']] for page in pages]
    assert sizes == [names[:2], names[2:4], names[4:]]
    even = secrets.list_secrets(Filters=[{'Key': 'tag-value', 'Values': ['1']}, {'Key': 'name', 'Values': ['listed']}])
    assert [item['Name'] for item in even['SecretList']] == ['listed-3', 'listed-1']


def test_tags_are_replaced_and_removed(secrets, secret_name):
    secrets.create_secret(Name=secret_name, Tags=[{'Key': 'a', 'Value': '1'}])
    secrets.tag_resource(SecretId=secret_name, Tags=[{'Key': 'a', 'Value': '2'}, {'Key': 'b', 'Value': '3'}])
    assert secrets.describe_secret(SecretId=secret_name)['Tags'] == [{'Key': 'a', 'Value': '2'},
                                                                     {'Key': 'b', 'Value': '3'}]
    secrets.untag_resource(SecretId=secret_name, TagKeys=['a'])
    assert secrets.describe_secret(SecretId=secret_name)['Tags'] == [{'Key': 'b', 'Value': '3'}]


def test_what_it_refuses(secrets, secret_name):
    error, status = error_of(secrets.get_secret_value, SecretId='nobody')
    assert (error['Code'], error['Message'], status) == (
        'ResourceNotFoundException', "Secrets Manager can't find the specified secret.", 400)
    secrets.create_secret(Name=secret_name)
    assert 'staging label: AWSCURRENT' in error_of(secrets.get_secret_value, SecretId=secret_name)[0]['Message']
    assert code_of(secrets.create_secret, Name='with blank') == 'InvalidParameterException'
    assert code_of(secrets.put_secret_value, SecretId=secret_name) == 'InvalidParameterException'
    assert code_of(secrets.put_secret_value, SecretId=secret_name, SecretString='x' * 65537) \
        == 'InvalidParameterException'
    error, _ = error_of(secrets.rotate_secret, SecretId=secret_name)
    assert error['Code'] == 'UnknownOperationException'
    assert 'RotateSecret' in error['Message']


def test_secrets_outlive_a_kill_and_cost_nothing_before(own_service):
    own_service.start()
    folder = os.path.join(own_service.data, 'neighbours', 'secretsmanager')
    assert not os.path.exists(folder)
    own_service.client('secretsmanager').create_secret(Name='kept', SecretString='value')
    assert os.stat(folder).st_mode & 0o777 == 0o700
    own_service.kill()
    own_service.start()
    assert own_service.client('secretsmanager').get_secret_value(SecretId='kept')['SecretString'] == 'value'


def test_keys_of_a_role_and_the_aws_command_read_it(service, secrets, secret_name):
    secrets.create_secret(Name=secret_name, SecretString='s')
    keys = get_credentials(service, application_token(service))[1]
    assert client_with(service, keys, 'secretsmanager').get_secret_value(SecretId=secret_name)['SecretString'] == 's'
    read = subprocess.run(['aws', 'secretsmanager', 'get-secret-value', '--secret-id', secret_name, '--query',
                           'SecretString', '--output', 'text', '--endpoint-url', service.endpoint],
                          env=dict(os.environ, **service.environment()), capture_output=True, text=True, check=True)
    assert read.stdout.strip() == 's'
