"""Every operation in the order of the getting-started tutorial, through three real clients."""
import datetime

import pytest

from programs import (ENDLESS, describe, operation, package, start, stop, upload, wait_for_status)
from service import ROLE, AwsCommand, Boto3, ClientError, JavaScript, wait_for

BUCKET = 'arn:aws:s3:::ka-app-code-username'
GROUPS = [
    {'PropertyGroupId': 'ProducerConfigProperties',
     'PropertyMap': {'flink.stream.initpos': 'LATEST', 'aws.region': 'us-west-2', 'AggregationEnabled': 'false'}},
    {'PropertyGroupId': 'ConsumerConfigProperties', 'PropertyMap': {'aws.region': 'us-west-2'}},
]
LOG_STREAM = 'arn:aws:logs:us-west-2:012345678901:log-group:MyApplication:log-stream:kinesis-analytics-log-stream'


@pytest.fixture(params=['boto3', 'aws', 'javascript'])
def tool(request, service):
    if request.param == 'boto3':
        yield Boto3(service)
    elif request.param == 'aws':
        yield AwsCommand(service)
    else:
        client = JavaScript(service)
        yield client
        client.close()


def create(client, name, key):
    return client.call(
        'CreateApplication', ApplicationName=name, ApplicationDescription='my java test app',
        RuntimeEnvironment='FLINK-1_15', ServiceExecutionRole=ROLE,
        ApplicationConfiguration={
            'ApplicationCodeConfiguration': {
                'CodeContent': {'S3ContentLocation': {'BucketARN': BUCKET, 'FileKey': key}},
                'CodeContentType': 'ZIPFILE'},
            'EnvironmentProperties': {'PropertyGroups': GROUPS[:1]}},
        CloudWatchLoggingOptions=[{'LogStreamARN': LOG_STREAM}])['ApplicationDetail']


def test_getting_started(service, tool, name):
    key = name + '.zip'
    upload(service, key, package({'main.sql': ENDLESS}))

    detail = create(tool, name, key)
    assert (detail['ApplicationStatus'], detail['ApplicationVersionId']) == ('READY', 1)
    with pytest.raises(ClientError) as caught:
        create(tool, name, key)
    assert caught.value.name == 'ResourceInUseException'
    detail = describe(tool, name)
    described = detail['ApplicationConfigurationDescription']
    assert detail['ServiceExecutionRole'] == ROLE
    assert detail['ApplicationDescription'] == 'my java test app'
    assert described['ApplicationCodeConfigurationDescription']['CodeContentDescription'] == {
        'S3ApplicationCodeLocationDescription': {'BucketARN': BUCKET, 'FileKey': key}}
    assert described['EnvironmentPropertyDescriptions']['PropertyGroupDescriptions'] == GROUPS[:1]
    assert detail['CloudWatchLoggingOptionDescriptions'] == [
        {'CloudWatchLoggingOptionId': '1.1', 'LogStreamARN': LOG_STREAM}]
    assert name in [s['ApplicationName'] for s in tool.call('ListApplications')['ApplicationSummaries']]

    # A start from the latest snapshot succeeds where there is none.
    restore = {'ApplicationRestoreConfiguration': {'ApplicationRestoreType': 'RESTORE_FROM_LATEST_SNAPSHOT'}}
    start(tool, name, RunConfiguration=restore)
    assert describe(tool, name)['ApplicationStatus'] == 'RUNNING'
    plan = tool.call('DescribeApplication', ApplicationName=name, IncludeAdditionalDetails=True)
    assert 'JobPlanDescription' in plan['ApplicationDetail']['ApplicationConfigurationDescription'][
        'FlinkApplicationConfigurationDescription']

    take_snapshot(tool, name, 'MyCustomSnapshot')
    stop(tool, name)
    snapshots = tool.call('ListApplicationSnapshots', ApplicationName=name, Limit=50)['SnapshotSummaries']
    assert [s['SnapshotStatus'] for s in snapshots] == ['READY', 'READY']
    start(tool, name, RunConfiguration={'ApplicationRestoreConfiguration': {
        'ApplicationRestoreType': 'RESTORE_FROM_CUSTOM_SNAPSHOT', 'SnapshotName': 'MyCustomSnapshot'}})

    update_properties(tool, name)
    update_code(service, tool, name, key)
    update_parallelism(tool, name)
    check_history(tool, name)
    tool.call('StopApplication', ApplicationName=name, Force=True)
    wait_for_status(tool, name, 'READY')
    delete_snapshot(tool, name, 'MyCustomSnapshot')
    delete(tool, name)


def take_snapshot(client, name, snapshot):
    client.call('CreateApplicationSnapshot', ApplicationName=name, SnapshotName=snapshot)

    def details():
        return client.call('DescribeApplicationSnapshot', ApplicationName=name,
                           SnapshotName=snapshot)['SnapshotDetails']

    wait_for('the snapshot', lambda: details()['SnapshotStatus'] != 'CREATING')
    assert details()['SnapshotStatus'] == 'READY'
    assert details()['ApplicationVersionId'] == 1
    assert details()['RuntimeEnvironment'] == 'FLINK-1_15'


def update(client, name, **members):
    current = describe(client, name)['ApplicationVersionId']
    answer = client.call('UpdateApplication', ApplicationName=name, CurrentApplicationVersionId=current, **members)
    assert answer['ApplicationDetail']['ApplicationVersionId'] == current + 1
    done = lambda: operation(client, name, answer['OperationId'])
    wait_for('the update', lambda: done()['OperationStatus'] != 'IN_PROGRESS')
    assert done()['OperationStatus'] == 'SUCCESSFUL', done()
    assert done()['ApplicationVersionChangeDetails'] == {
        'ApplicationVersionUpdatedFrom': current, 'ApplicationVersionUpdatedTo': current + 1}
    detail = describe(client, name)
    assert detail['ApplicationStatus'] == 'RUNNING'
    return detail['ApplicationConfigurationDescription']


def update_properties(client, name):
    described = update(client, name, ApplicationConfigurationUpdate={
        'EnvironmentPropertyUpdates': {'PropertyGroups': GROUPS}})
    assert described['EnvironmentPropertyDescriptions']['PropertyGroupDescriptions'] == GROUPS
    with pytest.raises(ClientError) as caught:
        client.call('UpdateApplication', ApplicationName=name, CurrentApplicationVersionId=1)
    assert caught.value.name == 'ConcurrentModificationException'


def update_code(service, client, name, key):
    version = upload(service, key, package({'main.sql': ENDLESS.replace('100', '200')}))
    location = {'BucketARNUpdate': BUCKET, 'FileKeyUpdate': key, 'ObjectVersionUpdate': version}
    code = {'CodeContentUpdate': {'S3ContentLocationUpdate': location}}
    described = update(client, name, ApplicationConfigurationUpdate={'ApplicationCodeConfigurationUpdate': code})
    content = described['ApplicationCodeConfigurationDescription']['CodeContentDescription']
    assert content['S3ApplicationCodeLocationDescription']['ObjectVersion'] == version
    location['ObjectVersionUpdate'] = 'SAMPLEUehYngP87ex1nzYIGYgfhyvDU'
    with pytest.raises(ClientError):
        update(client, name, ApplicationConfigurationUpdate={'ApplicationCodeConfigurationUpdate': code})
    del location['ObjectVersionUpdate']
    described = update(client, name, ApplicationConfigurationUpdate={'ApplicationCodeConfigurationUpdate': code})
    content = described['ApplicationCodeConfigurationDescription']['CodeContentDescription']
    assert 'ObjectVersion' not in content['S3ApplicationCodeLocationDescription']


def update_parallelism(client, name):
    described = update(client, name, ApplicationConfigurationUpdate={'FlinkApplicationConfigurationUpdate': {
        'ParallelismConfigurationUpdate': {'ParallelismUpdate': 2, 'ConfigurationTypeUpdate': 'CUSTOM'},
        'CheckpointConfigurationUpdate': {'ConfigurationTypeUpdate': 'CUSTOM', 'CheckpointIntervalUpdate': 600000}}})
    flink = described['FlinkApplicationConfigurationDescription']
    assert flink['ParallelismConfigurationDescription']['CurrentParallelism'] == 2
    assert flink['CheckpointConfigurationDescription'] == {
        'ConfigurationType': 'CUSTOM', 'CheckpointingEnabled': True, 'CheckpointInterval': 600000,
        'MinPauseBetweenCheckpoints': 5000}


def check_history(client, name):
    versions = client.call('ListApplicationVersions', ApplicationName=name)['ApplicationVersionSummaries']
    assert [v['ApplicationVersionId'] for v in versions] == [5, 4, 3, 2, 1]
    first = client.call('DescribeApplicationVersion', ApplicationName=name, ApplicationVersionId=1)
    described = first['ApplicationVersionDetail']['ApplicationConfigurationDescription']
    assert described['EnvironmentPropertyDescriptions']['PropertyGroupDescriptions'] == GROUPS[:1]
    operations = client.call('ListApplicationOperations', ApplicationName=name)['ApplicationOperationInfoList']
    assert [o['Operation'] for o in operations] == ['UpdateApplication'] * 4 + [
        'StartApplication', 'StopApplication', 'StartApplication']
    assert {o['OperationStatus'] for o in operations} == {'SUCCESSFUL'}


def delete_snapshot(client, name, snapshot):
    details = client.call('DescribeApplicationSnapshot', ApplicationName=name, SnapshotName=snapshot)['SnapshotDetails']
    client.call('DeleteApplicationSnapshot', ApplicationName=name, SnapshotName=snapshot,
                SnapshotCreationTimestamp=details['SnapshotCreationTimestamp'])

    def gone():
        try:
            client.call('DescribeApplicationSnapshot', ApplicationName=name, SnapshotName=snapshot)
        except ClientError as error:
            assert error.name == 'ResourceNotFoundException'
            return True
        return False

    wait_for('the snapshot to be gone', gone)


def delete(client, name):
    created = describe(client, name)['CreateTimestamp']
    if isinstance(created, datetime.datetime):
        created = created.replace(microsecond=0)  # as Terraform sends it back
    client.call('DeleteApplication', ApplicationName=name, CreateTimestamp=created)

    def gone():
        try:
            describe(client, name)
        except ClientError as error:
            assert error.name == 'ResourceNotFoundException'
            return True
        return False

    wait_for('the application to be gone', gone)
