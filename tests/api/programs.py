"""SQL programs in ZIPs, and the steps that most tests begin with."""
import io
import zipfile

from service import ROLE, wait_for

ENDLESS = '''
CREATE TABLE source_table (n BIGINT) WITH ('connector' = 'datagen', 'rows-per-second' = '100');
CREATE TABLE sink_table (n BIGINT) WITH ('connector' = 'blackhole');
INSERT INTO sink_table SELECT n FROM source_table;
'''


def package(files):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, 'w') as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return buffer.getvalue()


def upload(service, key, content, bucket='ka-app-code-username'):
    """The object's version."""
    s3 = service.client('s3')
    if bucket not in [entry['Name'] for entry in s3.list_buckets()['Buckets']]:
        s3.create_bucket(Bucket=bucket)
        s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={'Status': 'Enabled'})
    return s3.put_object(Bucket=bucket, Key=key, Body=content).get('VersionId')


def create(service, client, name, program=ENDLESS, **more):
    upload(service, name + '.zip', package({'main.sql': program}))
    configuration = {
        'ApplicationCodeConfiguration': {
            'CodeContent': {'S3ContentLocation': {'BucketARN': 'arn:aws:s3:::ka-app-code-username',
                                                  'FileKey': name + '.zip'}},
            'CodeContentType': 'ZIPFILE'},
        **more}
    return client.call('CreateApplication', ApplicationName=name, RuntimeEnvironment='FLINK-1_20',
                       ServiceExecutionRole=ROLE, ApplicationConfiguration=configuration)['ApplicationDetail']


def describe(client, name):
    return client.call('DescribeApplication', ApplicationName=name)['ApplicationDetail']


def wait_for_status(client, name, wanted):
    wait_for(f'{name} to be {wanted}', lambda: describe(client, name)['ApplicationStatus'] == wanted)


def operation(client, name, operation_id):
    return client.call('DescribeApplicationOperation', ApplicationName=name,
                       OperationId=operation_id)['ApplicationOperationInfoDetails']


def start(client, name, **more):
    operation_id = client.call('StartApplication', ApplicationName=name, **more)['OperationId']
    wait_for('the start', lambda: operation(client, name, operation_id)['OperationStatus'] != 'IN_PROGRESS')
    details = operation(client, name, operation_id)
    assert details['OperationStatus'] == 'SUCCESSFUL', details
    return operation_id


def stop(client, name, **more):
    client.call('StopApplication', ApplicationName=name, **more)
    wait_for_status(client, name, 'READY')
