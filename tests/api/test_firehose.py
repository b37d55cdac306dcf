"""Firehose with boto3 and the aws command: what is put arrives in S3, once."""
import datetime
import gzip
import itertools
import os
import re
import subprocess

import pytest

from service import ROLE, wait_for
from test_session_credentials import application_token, client_with, error_of, get_credentials

numbers = itertools.count(1)


@pytest.fixture
def firehose(service):
    return service.client('firehose')


@pytest.fixture
def bucket(service):
    name = f'delivered-{next(numbers)}'
    s3 = service.client('s3')
    s3.create_bucket(Bucket=name)
    yield name
    for key in keys_of(service, name):
        s3.delete_object(Bucket=name, Key=key)
    s3.delete_bucket(Bucket=name)


def keys_of(service, bucket):
    return [item['Key'] for item in service.client('s3').list_objects_v2(Bucket=bucket).get('Contents', [])]


def text_of(service, bucket):
    """Everything in the bucket, in the order of its keys."""
    s3 = service.client('s3')
    return b''.join(s3.get_object(Bucket=bucket, Key=key)['Body'].read() for key in keys_of(service, bucket)).decode()


def create(client, name, bucket, interval=1, size=128, **destination):
    return client.create_delivery_stream(DeliveryStreamName=name, ExtendedS3DestinationConfiguration={
        'RoleARN': ROLE, 'BucketARN': f'arn:aws:s3:::{bucket}',
        'BufferingHints': {'IntervalInSeconds': interval, 'SizeInMBs': size}, **destination})['DeliveryStreamARN']


def put(client, name, *records):
    answer = client.put_record_batch(DeliveryStreamName=name, Records=[{'Data': record} for record in records])
    assert answer['FailedPutCount'] == 0
    assert len({response['RecordId'] for response in answer['RequestResponses']}) == len(records)


def remove(client, name):
    client.delete_delivery_stream(DeliveryStreamName=name)

    def is_gone():
        try:
            return client.describe_delivery_stream(DeliveryStreamName=name)['DeliveryStreamDescription'][
                'DeliveryStreamStatus'] != 'DELETING'
        except client.exceptions.ResourceNotFoundException:
            return True

    wait_for('the delivery stream to go', is_gone)


def test_a_stream_is_created_described_listed_and_removed(firehose, bucket):
    arn = create(firehose, 'described', bucket, interval=60, size=5, Prefix='p/', CompressionFormat='GZIP')
    assert arn == 'arn:aws:firehose:us-east-1:000000000000:deliverystream/described'
    stream = firehose.describe_delivery_stream(DeliveryStreamName='described')['DeliveryStreamDescription']
    assert (stream['DeliveryStreamARN'], stream['DeliveryStreamStatus'], stream['DeliveryStreamType'],
            stream['VersionId']) == (arn, 'ACTIVE', 'DirectPut', '1')
    destination = stream['Destinations'][0]
    for member in ['S3DestinationDescription', 'ExtendedS3DestinationDescription']:
        assert destination[member]['BufferingHints'] == {'SizeInMBs': 5, 'IntervalInSeconds': 60}
        assert (destination[member]['Prefix'], destination[member]['CompressionFormat']) == ('p/', 'GZIP')
    assert firehose.list_delivery_streams()['DeliveryStreamNames'] == ['described']
    assert error_of(create, client=firehose, name='described', bucket=bucket)[0]['Code'] == 'ResourceInUseException'
    firehose.update_destination(DeliveryStreamName='described', CurrentDeliveryStreamVersionId='1',
                                DestinationId=destination['DestinationId'],
                                ExtendedS3DestinationUpdate={'Prefix': 'q/'})
    stream = firehose.describe_delivery_stream(DeliveryStreamName='described')['DeliveryStreamDescription']
    updated = stream['Destinations'][0]['ExtendedS3DestinationDescription']
    assert (stream['VersionId'], updated['Prefix'], updated['CompressionFormat']) == ('2', 'q/', 'GZIP')
    assert error_of(firehose.update_destination, DeliveryStreamName='described', CurrentDeliveryStreamVersionId='1',
                    DestinationId=destination['DestinationId'],
                    ExtendedS3DestinationUpdate={})[0]['Code'] == 'ConcurrentModificationException'
    firehose.tag_delivery_stream(DeliveryStreamName='described', Tags=[{'Key': 'a', 'Value': 'b'}, {'Key': 'c'}])
    firehose.untag_delivery_stream(DeliveryStreamName='described', TagKeys=['c'])
    assert firehose.list_tags_for_delivery_stream(DeliveryStreamName='described')['Tags'] == [
        {'Key': 'a', 'Value': 'b'}]
    remove(firehose, 'described')
    error, status = error_of(firehose.describe_delivery_stream, DeliveryStreamName='described')
    assert (error['Code'], error['Message'], status) == (
        'ResourceNotFoundException', 'Firehose described under account 000000000000 not found.', 400)


def test_streams_are_listed_in_pages(firehose, bucket):
    names = [f'listed-{number}' for number in range(3)]
    for name in names:
        create(firehose, name, bucket)
    first = firehose.list_delivery_streams(Limit=2)
    assert (first['DeliveryStreamNames'], first['HasMoreDeliveryStreams']) == (names[:2], True)
    rest = firehose.list_delivery_streams(Limit=2, ExclusiveStartDeliveryStreamName=names[1])
    assert (rest['DeliveryStreamNames'], rest['HasMoreDeliveryStreams']) == (names[2:], False)
    for name in names:
        remove(firehose, name)


def test_records_are_joined_in_an_object_named_as_aws_does(service, firehose, bucket):
    create(firehose, 'joined', bucket, Prefix='raw/')
    before = datetime.datetime.now(datetime.timezone.utc)
    put(firehose, 'joined', b'one\n', b'two\n')
    firehose.put_record(DeliveryStreamName='joined', Record={'Data': b'three\n'})
    key, = wait_for('the object', lambda: keys_of(service, bucket))
    found = re.fullmatch(r'raw/(\d{4}/\d\d/\d\d/\d\d)/joined-1-(\d{4}-\d\d-\d\d-\d\d-\d\d-\d\d)-[0-9a-f-]{36}', key)
    assert found, key
    written = datetime.datetime.strptime(found[2], '%Y-%m-%d-%H-%M-%S').replace(tzinfo=datetime.timezone.utc)
    assert abs(written - before) < datetime.timedelta(minutes=1)
    assert found[1] == written.strftime('%Y/%m/%d/%H')
    assert text_of(service, bucket) == 'one\ntwo\nthree\n'
    remove(firehose, 'joined')


def test_a_full_buffer_is_delivered_before_its_time(service, firehose, bucket):
    create(firehose, 'full', bucket, interval=900, size=1)
    put(firehose, 'full', b'a' * 600_000)
    put(firehose, 'full', b'b' * 600_000)
    wait_for('the object', lambda: keys_of(service, bucket))
    text = wait_for('the text', lambda: text_of(service, bucket))
    assert text == 'a' * 600_000
    # What did not fit waits, and is delivered when the stream goes.
    remove(firehose, 'full')
    assert sorted(text_of(service, bucket)) == ['a'] * 600_000 + ['b'] * 600_000


def test_objects_may_be_compressed_and_records_delimited(service, firehose, bucket):
    processor = {'Type': 'AppendDelimiterToRecord',
                 'Parameters': [{'ParameterName': 'Delimiter', 'ParameterValue': '\\n'}]}
    create(firehose, 'packed', bucket, CompressionFormat='GZIP', Prefix='y=!{timestamp:yyyy}/',
           ProcessingConfiguration={'Enabled': True, 'Processors': [processor]})
    put(firehose, 'packed', b'one', b'two')
    key, = wait_for('the object', lambda: keys_of(service, bucket))
    assert re.fullmatch(r'y=\d{4}/packed-1-.*\.gz', key)
    body = service.client('s3').get_object(Bucket=bucket, Key=key)['Body'].read()
    assert gzip.decompress(body) == b'one\ntwo\n'
    remove(firehose, 'packed')


def test_records_wait_for_their_bucket(service, firehose):
    create(firehose, 'early', 'not-yet-there')
    put(firehose, 'early', b'patience')
    wait_for('the failure to be logged', lambda: 'early cannot be delivered' in service.log_text())
    service.client('s3').create_bucket(Bucket='not-yet-there')
    wait_for('the object', lambda: keys_of(service, 'not-yet-there'))
    assert text_of(service, 'not-yet-there') == 'patience'
    remove(firehose, 'early')


def test_a_kinesis_stream_is_delivered_once_through_a_split_and_a_kill(own_service):
    own_service.start()
    own_service.client('s3').create_bucket(Bucket='from-kinesis')
    kinesis = own_service.client('kinesis')
    kinesis.create_stream(StreamName='source', ShardCount=1)
    arn = wait_for('the stream', lambda: kinesis.describe_stream_summary(StreamName='source')[
        'StreamDescriptionSummary'])['StreamARN']
    kinesis.get_waiter('stream_exists').wait(StreamName='source')
    kinesis.put_record(StreamName='source', Data=b'too early\n', PartitionKey='k')
    firehose = own_service.client('firehose')
    firehose.create_delivery_stream(
        DeliveryStreamName='reader', DeliveryStreamType='KinesisStreamAsSource',
        KinesisStreamSourceConfiguration={'KinesisStreamARN': arn, 'RoleARN': ROLE},
        ExtendedS3DestinationConfiguration={'RoleARN': ROLE, 'BucketARN': 'arn:aws:s3:::from-kinesis',
                                            'BufferingHints': {'IntervalInSeconds': 1, 'SizeInMBs': 1}})
    described = firehose.describe_delivery_stream(DeliveryStreamName='reader')['DeliveryStreamDescription']
    assert described['Source']['KinesisStreamSourceDescription']['KinesisStreamARN'] == arn
    assert error_of(firehose.put_record, DeliveryStreamName='reader', Record={'Data': b'x'})[0]['Code'] \
        == 'InvalidArgumentException'
    sent = []
    for batch in range(6):
        lines = [f'{batch}-{number}\n' for number in range(40)]
        own_service.client('kinesis').put_records(StreamName='source', Records=[
            {'Data': line.encode(), 'PartitionKey': line} for line in lines])
        sent += lines
        if batch == 1:
            own_service.client('kinesis').split_shard(StreamName='source', ShardToSplit='shardId-000000000000',
                                                      NewStartingHashKey=str(2 ** 127))
            own_service.client('kinesis').get_waiter('stream_exists').wait(StreamName='source')
        if batch % 2 == 0:
            own_service.kill()
            own_service.start()
    wait_for('all records', lambda: text_of(own_service, 'from-kinesis').count('\n') >= len(sent))
    delivered = text_of(own_service, 'from-kinesis').splitlines(keepends=True)
    assert sorted(delivered) == sorted(sent)


@pytest.mark.parametrize('change, name', [
    ({'ProcessingConfiguration': {'Enabled': True, 'Processors': [{'Type': 'Lambda'}]}}, 'Lambda'),
    ({'DataFormatConversionConfiguration': {'Enabled': True}}, 'DataFormatConversionConfiguration'),
    ({'DynamicPartitioningConfiguration': {'Enabled': True}}, 'DynamicPartitioningConfiguration'),
    ({'CompressionFormat': 'Snappy'}, 'Snappy'),
    ({'Prefix': '!{partitionKeyFromQuery:k}/'}, 'partitionKeyFromQuery'),
    ({'CustomTimeZone': 'Europe/Berlin'}, 'CustomTimeZone')])
def test_what_is_not_built_is_refused_by_name(firehose, change, name):
    error, _ = error_of(create, client=firehose, name='refused', bucket='any', **change)
    assert error['Code'] == 'InvalidArgumentException'
    assert name in error['Message']


def test_other_destinations_and_sources_are_refused_by_name(firehose):
    error, _ = error_of(firehose.create_delivery_stream, DeliveryStreamName='x', HttpEndpointDestinationConfiguration={
        'EndpointConfiguration': {'Url': 'https://localhost'},
        'S3Configuration': {'RoleARN': ROLE, 'BucketARN': 'arn:aws:s3:::b'}})
    assert 'HttpEndpointDestinationConfiguration' in error['Message']
    error, _ = error_of(firehose.create_delivery_stream, DeliveryStreamName='x', DeliveryStreamType='MSKAsSource')
    assert 'MSKAsSource' in error['Message']
    assert error_of(firehose.put_record, DeliveryStreamName='nobody', Record={'Data': b'x'})[0]['Code'] \
        == 'ResourceNotFoundException'
    assert error_of(firehose.put_record_batch, DeliveryStreamName='nobody', Records=[
        {'Data': b'x' * 1_000_000}] * 5)[0]['Code'] == 'InvalidArgumentException'


def test_what_was_acknowledged_is_delivered_once_though_the_service_is_killed(own_service):
    own_service.start()
    own_service.client('s3').create_bucket(Bucket='kept')
    create(own_service.client('firehose'), 'kept', 'kept')
    sent = []
    for batch in range(12):
        lines = [f'{batch}-{number}\n' for number in range(50)]
        put(own_service.client('firehose'), 'kept', *(line.encode() for line in lines))
        sent += lines
        if batch % 3 == 2:
            # At whatever the delivery is doing.
            own_service.kill()
            own_service.start()
    wait_for('all records', lambda: text_of(own_service, 'kept').count('\n') >= len(sent))
    assert sorted(text_of(own_service, 'kept').splitlines(keepends=True)) == sorted(sent)


def test_keys_of_a_role_and_the_aws_command_put(service, firehose, bucket, tmp_path):
    create(firehose, 'shared', bucket)
    keys = get_credentials(service, application_token(service))[1]
    client_with(service, keys, 'firehose').put_record(DeliveryStreamName='shared', Record={'Data': b'role,'})
    # Version 2 of the command takes bytes in base64 unless told otherwise; version 1 knows no such setting.
    config = tmp_path / 'config'
    config.write_text('[default]\ncli_binary_format = raw-in-base64-out\n')
    environment = dict(os.environ, **service.environment(), AWS_CONFIG_FILE=str(config))
    subprocess.run(['aws', 'firehose', 'put-record', '--delivery-stream-name', 'shared', '--record', 'Data=cli',
                    '--endpoint-url', service.endpoint], env=environment, capture_output=True, check=True)
    wait_for('both records', lambda: len(text_of(service, bucket)) == len('role,cli'))
    remove(firehose, 'shared')
