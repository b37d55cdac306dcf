"""Kinesis Data Streams with boto3: every operation, the errors that programs catch, resharding, fan-out, restarts."""
import base64
import datetime
import hashlib
import itertools
import json
import subprocess
import threading
import time

import pytest
from botocore.exceptions import ClientError

from service import Service

KEYS = 2 ** 128
names = (f'stream-{number}' for number in itertools.count(1))


@pytest.fixture(name='kinesis')
def fixture_kinesis(service):
    return service.client('kinesis')


@pytest.fixture(name='stream')
def fixture_stream(kinesis):
    name = next(names)
    kinesis.create_stream(StreamName=name, ShardCount=1)
    yield name
    if name in kinesis.list_streams()['StreamNames']:
        kinesis.delete_stream(StreamName=name, EnforceConsumerDeletion=True)


def arn_of(kinesis, stream):
    return kinesis.describe_stream_summary(StreamName=stream)['StreamDescriptionSummary']['StreamARN']


def shards_of(kinesis, stream, **options):
    return kinesis.list_shards(StreamName=stream, **options)['Shards']


def shard_ids(kinesis, stream, **options):
    return [int(shard['ShardId'].removeprefix('shardId-')) for shard in shards_of(kinesis, stream, **options)]


def shard_id(number):
    return f'shardId-{number:012}'


def put(kinesis, stream, *texts, **options):
    """The sequence numbers of records that are put one by one."""
    return [kinesis.put_record(StreamName=stream, Data=text.encode(), PartitionKey=text, **options)['SequenceNumber']
            for text in texts]


def iterator(kinesis, stream, kind='TRIM_HORIZON', shard=0, **options):
    return kinesis.get_shard_iterator(StreamName=stream, ShardId=shard_id(shard), ShardIteratorType=kind,
                                      **options)['ShardIterator']


def read(kinesis, stream, kind='TRIM_HORIZON', shard=0, **options):
    """The texts from there up to the tip of the shard."""
    found = []
    where = iterator(kinesis, stream, kind, shard, **options)
    while where:
        answer = kinesis.get_records(ShardIterator=where)
        found += [record['Data'].decode() for record in answer['Records']]
        where = answer.get('NextShardIterator')
        if answer['MillisBehindLatest'] == 0:
            break
    return found


def error_of(call, **arguments):
    with pytest.raises(ClientError) as caught:
        call(**arguments)
    return caught.value.response['Error']['Code']


# Streams

def test_stream_is_created_described_and_deleted(kinesis, stream):
    described = kinesis.describe_stream(StreamName=stream)['StreamDescription']
    assert described['StreamStatus'] == 'ACTIVE'
    assert described['StreamARN'] == f'arn:aws:kinesis:us-east-1:000000000000:stream/{stream}'
    assert described['RetentionPeriodHours'] == 24
    assert described['EncryptionType'] == 'NONE'
    assert described['StreamModeDetails'] == {'StreamMode': 'PROVISIONED'}
    assert described['EnhancedMonitoring'] == [{'ShardLevelMetrics': []}]
    assert described['HasMoreShards'] is False
    age = datetime.datetime.now(datetime.timezone.utc) - described['StreamCreationTimestamp']
    assert abs(age.total_seconds()) < 60
    [shard] = described['Shards']
    assert shard['HashKeyRange'] == {'StartingHashKey': '0', 'EndingHashKey': str(KEYS - 1)}
    assert len(shard['SequenceNumberRange']['StartingSequenceNumber']) == 56
    assert 'EndingSequenceNumber' not in shard['SequenceNumberRange']
    summary = kinesis.describe_stream_summary(StreamARN=described['StreamARN'])['StreamDescriptionSummary']
    assert (summary['OpenShardCount'], summary['ConsumerCount']) == (1, 0)
    kinesis.get_waiter('stream_exists').wait(StreamName=stream)
    kinesis.delete_stream(StreamARN=described['StreamARN'])
    assert error_of(kinesis.describe_stream, StreamName=stream) == 'ResourceNotFoundException'
    kinesis.get_waiter('stream_not_exists').wait(StreamName=stream)


def test_names_are_checked(kinesis, stream):
    assert error_of(kinesis.create_stream, StreamName=stream, ShardCount=1) == 'ResourceInUseException'
    assert error_of(kinesis.create_stream, StreamName='no blanks', ShardCount=1) == 'ValidationException'
    assert error_of(kinesis.create_stream, StreamName='x' * 129, ShardCount=1) == 'ValidationException'
    assert error_of(kinesis.create_stream, StreamName='y') == 'InvalidArgumentException'
    assert error_of(kinesis.describe_stream) == 'InvalidArgumentException'
    assert error_of(kinesis.describe_stream, StreamARN='arn:aws:kinesis:us-east-1:111122223333:stream/' + stream) \
        == 'ResourceNotFoundException'
    assert error_of(kinesis.put_record, StreamName='none', Data=b'', PartitionKey='k') == 'ResourceNotFoundException'


def test_streams_are_listed_in_pages(kinesis):
    made = sorted(f'page-{number}' for number in range(5))
    for name in made:
        kinesis.create_stream(StreamName=name, ShardCount=1)
    first = kinesis.list_streams(Limit=2, ExclusiveStartStreamName='page')
    assert (first['StreamNames'], first['HasMoreStreams']) == (made[:2], True)
    second = kinesis.list_streams(Limit=2, NextToken=first['NextToken'])
    assert second['StreamNames'] == made[2:4]
    assert [summary['StreamName'] for summary in second['StreamSummaries']] == made[2:4]
    everything = [name for page in kinesis.get_paginator('list_streams').paginate(Limit=2)
                  for name in page['StreamNames']]
    assert everything == sorted(everything) and set(made) <= set(everything)
    for name in made:
        kinesis.delete_stream(StreamName=name)


def test_a_stream_made_anew_has_nothing_of_the_old_one(kinesis, stream):
    put(kinesis, stream, 'old')
    where = iterator(kinesis, stream)
    kinesis.delete_stream(StreamName=stream)
    assert error_of(kinesis.get_records, ShardIterator=where) == 'ResourceNotFoundException'
    kinesis.create_stream(StreamName=stream, ShardCount=1)
    assert read(kinesis, stream) == []
    assert error_of(kinesis.get_records, ShardIterator=where) == 'ResourceNotFoundException'


def test_on_demand_streams(kinesis, stream):
    name = next(names)
    kinesis.create_stream(StreamName=name, StreamModeDetails={'StreamMode': 'ON_DEMAND'})
    assert len(shards_of(kinesis, name)) == 4
    assert error_of(kinesis.split_shard, StreamName=name, ShardToSplit=shard_id(0), NewStartingHashKey='100') \
        == 'ValidationException'
    kinesis.update_stream_mode(StreamARN=arn_of(kinesis, name), StreamModeDetails={'StreamMode': 'PROVISIONED'})
    summary = kinesis.describe_stream_summary(StreamName=name)['StreamDescriptionSummary']
    assert summary['StreamModeDetails'] == {'StreamMode': 'PROVISIONED'}
    limits = kinesis.describe_limits()
    assert limits['OpenShardCount'] >= 5 and limits['ShardLimit'] > 0
    kinesis.delete_stream(StreamName=name)


# Records

def test_records_come_back_in_order(kinesis, stream):
    numbers = put(kinesis, stream, 'a', 'b', 'c')
    assert [len(number) for number in numbers] == [56] * 3
    assert numbers == sorted(numbers, key=int)
    answer = kinesis.get_records(ShardIterator=iterator(kinesis, stream))
    assert [record['SequenceNumber'] for record in answer['Records']] == numbers
    assert [record['PartitionKey'] for record in answer['Records']] == ['a', 'b', 'c']
    arrived = answer['Records'][0]['ApproximateArrivalTimestamp']
    assert abs((datetime.datetime.now(datetime.timezone.utc) - arrived).total_seconds()) < 60
    assert answer['MillisBehindLatest'] == 0
    again = kinesis.get_records(ShardIterator=answer['NextShardIterator'])
    assert again['Records'] == [] and again['NextShardIterator'] and 'ChildShards' not in again
    put(kinesis, stream, 'd')
    assert [record['Data'] for record in kinesis.get_records(ShardIterator=again['NextShardIterator'])['Records']] \
        == [b'd']


def test_all_bytes_and_keys_survive(kinesis, stream):
    data = bytes(range(256)) * 10
    keys = ['k', 'ключ "q" \\ \n', '鍵' * 256]
    for key in keys:
        kinesis.put_record(StreamName=stream, Data=data, PartitionKey=key)
    kinesis.put_record(StreamName=stream, Data=b'', PartitionKey='empty')
    records = kinesis.get_records(ShardIterator=iterator(kinesis, stream))['Records']
    assert [record['PartitionKey'] for record in records] == keys + ['empty']
    assert [record['Data'] for record in records] == [data] * 3 + [b'']
    assert error_of(kinesis.put_record, StreamName=stream, Data=b'x', PartitionKey='k' * 257) == 'ValidationException'


def test_five_ways_to_begin(kinesis, stream):
    numbers = put(kinesis, stream, 'a', 'b')
    latest = iterator(kinesis, stream, 'LATEST')
    middle = next_second()
    numbers += put(kinesis, stream, 'c', 'd')
    assert read(kinesis, stream) == ['a', 'b', 'c', 'd']
    assert read(kinesis, stream, 'AT_SEQUENCE_NUMBER', StartingSequenceNumber=numbers[1]) == ['b', 'c', 'd']
    assert read(kinesis, stream, 'AFTER_SEQUENCE_NUMBER', StartingSequenceNumber=numbers[1]) == ['c', 'd']
    assert read(kinesis, stream, 'AFTER_SEQUENCE_NUMBER', StartingSequenceNumber=numbers[3]) == []
    assert read(kinesis, stream, 'AT_TIMESTAMP', Timestamp=middle) == ['c', 'd']
    assert read(kinesis, stream, 'AT_TIMESTAMP', Timestamp=middle - datetime.timedelta(days=2)) == ['a', 'b', 'c', 'd']
    answer = kinesis.get_records(ShardIterator=latest)
    assert [record['Data'] for record in answer['Records']] == [b'c', b'd']
    start = shards_of(kinesis, stream)[0]['SequenceNumberRange']['StartingSequenceNumber']
    for kind in ('AT_SEQUENCE_NUMBER', 'AFTER_SEQUENCE_NUMBER'):
        assert read(kinesis, stream, kind, StartingSequenceNumber=start) == ['a', 'b', 'c', 'd']


def next_second():
    """Waits for a whole second, which is all that boto3 sends of a time."""
    moment = datetime.datetime.now(datetime.timezone.utc).replace(microsecond=0) + datetime.timedelta(seconds=1)
    while datetime.datetime.now(datetime.timezone.utc) < moment:
        time.sleep(0.001)
    return moment


def test_bad_iterators(kinesis, stream):
    other = next(names)
    kinesis.create_stream(StreamName=other, ShardCount=2)
    [number] = put(kinesis, other, 'a', ExplicitHashKey=str(KEYS - 1))
    shard = shard_id(0)
    get = kinesis.get_shard_iterator

    def refused(**options):
        return error_of(get, StreamName=stream, ShardId=shard, **options)

    assert refused(ShardIteratorType='AT_SEQUENCE_NUMBER') == 'InvalidArgumentException'
    assert refused(ShardIteratorType='AT_SEQUENCE_NUMBER', StartingSequenceNumber='12') == 'InvalidArgumentException'
    assert refused(ShardIteratorType='AT_SEQUENCE_NUMBER', StartingSequenceNumber=number) == 'InvalidArgumentException'
    assert refused(ShardIteratorType='AT_TIMESTAMP') == 'InvalidArgumentException'
    assert refused(ShardIteratorType='AT_TIMESTAMP', Timestamp=time.time() + 3600) == 'InvalidArgumentException'
    assert refused(ShardIteratorType='SOMEWHERE') == 'ValidationException'
    assert error_of(get, StreamName=stream, ShardId=shard_id(7), ShardIteratorType='LATEST') \
        == 'ResourceNotFoundException'
    good = iterator(kinesis, stream)
    changed = good[:20] + ('A' if good[20] != 'A' else 'B') + good[21:]
    for bad in ('x', changed):
        assert error_of(kinesis.get_records, ShardIterator=bad) == 'InvalidArgumentException'
    assert error_of(kinesis.get_records, ShardIterator=good, Limit=10_001) in ('ValidationException',
                                                                               'InvalidArgumentException')
    kinesis.delete_stream(StreamName=other)


def test_limit_and_place_within_a_batch(kinesis, stream):
    kinesis.put_records(StreamName=stream, Records=[{'Data': str(number).encode(), 'PartitionKey': 'k'}
                                                    for number in range(500)])
    found, where = [], iterator(kinesis, stream)
    while len(found) < 500:
        answer = kinesis.get_records(ShardIterator=where, Limit=70)
        assert len(answer['Records']) <= 70
        assert (answer['MillisBehindLatest'] == 0) == (len(found) + len(answer['Records']) == 500)
        found += answer['Records']
        where = answer['NextShardIterator']
    assert [int(record['Data']) for record in found] == list(range(500))
    numbers = [record['SequenceNumber'] for record in found]
    assert len(set(numbers)) == 500 and numbers == sorted(numbers, key=int)
    assert read(kinesis, stream, 'AFTER_SEQUENCE_NUMBER', StartingSequenceNumber=numbers[123])[0] == '124'


def test_answers_hold_at_most_ten_mebibytes(kinesis, stream):
    for number in range(12):
        kinesis.put_record(StreamName=stream, Data=bytes([number]) * 1_000_000, PartitionKey='k')
    answer = kinesis.get_records(ShardIterator=iterator(kinesis, stream))
    assert [record['Data'][0] for record in answer['Records']] == list(range(10))
    rest = kinesis.get_records(ShardIterator=answer['NextShardIterator'])
    assert [record['Data'][0] for record in rest['Records']] == [10, 11]


def test_sizes_are_limited(kinesis, stream):
    assert error_of(kinesis.put_record, StreamName=stream, Data=b'x' * (1 << 20), PartitionKey='k') \
        == 'ValidationException'
    kinesis.put_record(StreamName=stream, Data=b'x' * ((1 << 20) - 1), PartitionKey='k')
    records = [{'Data': b'', 'PartitionKey': 'k'}] * 501
    assert error_of(kinesis.put_records, StreamName=stream, Records=records) == 'ValidationException'
    large = [{'Data': b'x' * 1_000_000, 'PartitionKey': 'k'}] * 11
    assert error_of(kinesis.put_records, StreamName=stream, Records=large) == 'InvalidArgumentException'
    kinesis.update_max_record_size(StreamARN=arn_of(kinesis, stream), MaxRecordSizeInKiB=4096)
    kinesis.put_record(StreamName=stream, Data=b'x' * ((4 << 20) - 1),
                       PartitionKey='k')


def test_keys_choose_shards_by_md5(kinesis):
    name = next(names)
    kinesis.create_stream(StreamName=name, ShardCount=3)
    ranges = [(int(shard['HashKeyRange']['StartingHashKey']), int(shard['HashKeyRange']['EndingHashKey']))
              for shard in shards_of(kinesis, name)]
    assert ranges[0][0] == 0 and ranges[2][1] == KEYS - 1
    assert all(low[1] + 1 == high[0] for low, high in zip(ranges, ranges[1:]))
    keys = [f'key {number}' for number in range(50)]
    answer = kinesis.put_records(StreamName=name, Records=[{'Data': b'x', 'PartitionKey': key} for key in keys])
    for key, record in zip(keys, answer['Records']):
        value = int.from_bytes(hashlib.md5(key.encode()).digest(), 'big')
        [expected] = [number for number, (low, high) in enumerate(ranges) if low <= value <= high]
        assert record['ShardId'] == shard_id(expected)
    for number, (low, high) in enumerate(ranges):
        for value in (low, high):
            assert kinesis.put_record(StreamName=name, Data=b'x', PartitionKey='k', ExplicitHashKey=str(value)) \
                ['ShardId'] == shard_id(number)
    for bad in (str(KEYS), '-1', 'x', '01'):
        assert error_of(kinesis.put_record, StreamName=name, Data=b'x', PartitionKey='k', ExplicitHashKey=bad) \
            == 'InvalidArgumentException'
    kinesis.delete_stream(StreamName=name)


# Resharding

def test_split_closes_the_parent(kinesis, stream):
    before = put(kinesis, stream, 'a', 'b')
    kinesis.split_shard(StreamName=stream, ShardToSplit=shard_id(0), NewStartingHashKey=str(KEYS // 2))
    parent, low, high = shards_of(kinesis, stream)
    assert (low['ParentShardId'], high['ParentShardId']) == (shard_id(0), shard_id(0))
    assert high['HashKeyRange'] == {'StartingHashKey': str(KEYS // 2), 'EndingHashKey': str(KEYS - 1)}
    end = int(parent['SequenceNumberRange']['EndingSequenceNumber'])
    after = put(kinesis, stream, 'c', ExplicitHashKey='0') + put(kinesis, stream, 'd', ExplicitHashKey=str(KEYS - 1))
    assert int(before[-1]) < end < int(low['SequenceNumberRange']['StartingSequenceNumber']) < int(after[0])
    assert end < int(after[1])
    answer = kinesis.get_records(ShardIterator=iterator(kinesis, stream))
    assert [record['Data'] for record in answer['Records']] == [b'a', b'b']
    assert 'NextShardIterator' not in answer
    assert [child['ShardId'] for child in answer['ChildShards']] == [shard_id(1), shard_id(2)]
    assert answer['ChildShards'][0]['ParentShards'] == [shard_id(0)]
    assert answer['ChildShards'][1]['HashKeyRange'] == high['HashKeyRange']
    assert read(kinesis, stream, shard=1) == ['c'] and read(kinesis, stream, shard=2) == ['d']
    assert read(kinesis, stream, 'LATEST') == []
    number = parent['SequenceNumberRange']['EndingSequenceNumber']
    assert read(kinesis, stream, 'AFTER_SEQUENCE_NUMBER', StartingSequenceNumber=number) == []
    assert error_of(kinesis.split_shard, StreamName=stream, ShardToSplit=shard_id(0), NewStartingHashKey='5') \
        == 'ResourceInUseException'


def test_split_and_merge_are_checked(kinesis, stream):
    split = kinesis.split_shard
    for key in ('0', '1', str(KEYS - 1), str(KEYS), 'x'):
        assert error_of(split, StreamName=stream, ShardToSplit=shard_id(0), NewStartingHashKey=key) \
            == 'InvalidArgumentException'
    assert error_of(split, StreamName=stream, ShardToSplit=shard_id(9), NewStartingHashKey='5') \
        == 'ResourceNotFoundException'
    kinesis.update_shard_count(StreamName=stream, TargetShardCount=2, ScalingType='UNIFORM_SCALING')
    kinesis.split_shard(StreamName=stream, ShardToSplit=shard_id(1), NewStartingHashKey=str(KEYS // 4))
    assert error_of(kinesis.merge_shards, StreamName=stream, ShardToMerge=shard_id(3),
                    AdjacentShardToMerge=shard_id(2)) == 'InvalidArgumentException'


def test_merge_has_two_parents(kinesis, stream):
    kinesis.split_shard(StreamName=stream, ShardToSplit=shard_id(0), NewStartingHashKey=str(KEYS // 2))
    put(kinesis, stream, 'low', ExplicitHashKey='0')
    [last] = put(kinesis, stream, 'high', ExplicitHashKey=str(KEYS - 1))
    kinesis.merge_shards(StreamName=stream, ShardToMerge=shard_id(2), AdjacentShardToMerge=shard_id(1))
    merged = shards_of(kinesis, stream)[3]
    assert {merged['ParentShardId'], merged['AdjacentParentShardId']} == {shard_id(1), shard_id(2)}
    assert merged['HashKeyRange'] == {'StartingHashKey': '0', 'EndingHashKey': str(KEYS - 1)}
    [number] = put(kinesis, stream, 'both')
    assert int(number) > int(last)
    answer = kinesis.get_records(ShardIterator=iterator(kinesis, stream, shard=1))
    assert answer['ChildShards'][0]['ParentShards'] == [shard_id(2), shard_id(1)]
    assert read(kinesis, stream, shard=3) == ['both']


@pytest.mark.parametrize('path', [(2, 4, 8, 5, 3), (3,), (4, 2, 1), (2, 3, 2, 3)])
def test_scaled_streams_share_keys_evenly(kinesis, path):
    name = next(names)
    kinesis.create_stream(StreamName=name, ShardCount=2)
    count = 2
    for target in path:
        answer = kinesis.update_shard_count(StreamName=name, TargetShardCount=target, ScalingType='UNIFORM_SCALING')
        assert (answer['CurrentShardCount'], answer['TargetShardCount']) == (count, target)
        count = target
        shards = shards_of(kinesis, name)
        open_ranges = sorted((int(shard['HashKeyRange']['StartingHashKey']),
                              int(shard['HashKeyRange']['EndingHashKey']))
                             for shard in shards if 'EndingSequenceNumber' not in shard['SequenceNumberRange'])
        size = KEYS // target
        assert [low for low, high in open_ranges] == [number * size for number in range(target)]
        assert [high for low, high in open_ranges] == [(number + 1) * size - 1 for number in range(target - 1)] \
            + [KEYS - 1]
        starts = {shard['ShardId']: int(shard['SequenceNumberRange']['StartingSequenceNumber']) for shard in shards}
        for shard in shards:
            for parent in ('ParentShardId', 'AdjacentParentShardId'):
                assert parent not in shard or starts[shard[parent]] < starts[shard['ShardId']]
    assert error_of(kinesis.update_shard_count, StreamName=name, TargetShardCount=2 * count + 1,
                    ScalingType='UNIFORM_SCALING') == 'InvalidArgumentException'
    kinesis.delete_stream(StreamName=name)


def test_nothing_is_lost_while_resharding(kinesis, stream):
    """Writers go on while shards split and merge: every acknowledged record is found once, below its key's order."""
    written, failures = [], []
    stop = threading.Event()

    def write(writer):
        for number in itertools.count():
            if stop.is_set():
                return
            records = [{'Data': f'{writer}:{number}:{part}'.encode(), 'PartitionKey': f'{writer}:{part}'}
                       for part in range(10)]
            answer = kinesis.put_records(StreamName=stream, Records=records)
            failures.append(answer['FailedRecordCount'])
            written.extend(record['Data'].decode() for record in records)

    threads = [threading.Thread(target=write, args=(writer,)) for writer in range(3)]
    for thread in threads:
        thread.start()
    for target in (2, 4, 3, 2, 4, 2, 1):
        seen = len(written)
        kinesis.update_shard_count(StreamName=stream, TargetShardCount=target, ScalingType='UNIFORM_SCALING')
        deadline = time.monotonic() + 30
        while len(written) < seen + 60 and time.monotonic() < deadline:
            time.sleep(0.005)
    stop.set()
    for thread in threads:
        thread.join()
    shards = shards_of(kinesis, stream)
    by_shard = [read(kinesis, stream, shard=number) for number in range(len(shards))]
    found = [text for texts in by_shard for text in texts]
    assert sum(failures) == 0
    assert sorted(found) == sorted(written)
    # Parents have smaller numbers than their children, so shard by shard each key's records are in order.
    last = {}
    for text in found:
        writer, number, part = text.split(':')
        assert last.get((writer, part), -1) < int(number)
        last[writer, part] = int(number)


def test_shards_are_listed_in_pages_and_filtered(kinesis, stream):
    begin = next_second()
    kinesis.split_shard(StreamName=stream, ShardToSplit=shard_id(0), NewStartingHashKey=str(KEYS // 2))
    assert shard_ids(kinesis, stream) == [0, 1, 2]
    assert shard_ids(kinesis, stream, ExclusiveStartShardId=shard_id(0)) == [1, 2]
    for kind, expected in (('AT_LATEST', [1, 2]), ('FROM_TRIM_HORIZON', [0, 1, 2]), ('AT_TRIM_HORIZON', [0])):
        assert shard_ids(kinesis, stream, ShardFilter={'Type': kind}) == expected, kind
    assert shard_ids(kinesis, stream, ShardFilter={'Type': 'AFTER_SHARD_ID', 'ShardId': shard_id(1)}) == [2]
    assert shard_ids(kinesis, stream, ShardFilter={'Type': 'AT_TIMESTAMP', 'Timestamp': begin}) == [0]
    later = next_second()
    assert shard_ids(kinesis, stream, ShardFilter={'Type': 'AT_TIMESTAMP', 'Timestamp': later}) == [1, 2]
    assert shard_ids(kinesis, stream, ShardFilter={'Type': 'FROM_TIMESTAMP', 'Timestamp': begin}) == [0, 1, 2]
    assert shard_ids(kinesis, stream, ShardFilter={'Type': 'FROM_TIMESTAMP', 'Timestamp': later}) == [1, 2]
    assert error_of(kinesis.list_shards, StreamName=stream, ShardFilter={'Type': 'AT_TIMESTAMP'}) \
        == 'InvalidArgumentException'
    first = kinesis.list_shards(StreamName=stream, MaxResults=2)
    second = kinesis.list_shards(NextToken=first['NextToken'], MaxResults=2)
    assert [len(first['Shards']), len(second['Shards'])] == [2, 1] and 'NextToken' not in second
    assert error_of(kinesis.list_shards, NextToken='x') == 'InvalidArgumentException'
    assert error_of(kinesis.list_shards, StreamName=stream, NextToken=first['NextToken']) == 'InvalidArgumentException'
    page = kinesis.describe_stream(StreamName=stream, Limit=2)['StreamDescription']
    assert len(page['Shards']) == 2 and page['HasMoreShards']
    page = kinesis.describe_stream(StreamName=stream, ExclusiveStartShardId=shard_id(1))['StreamDescription']
    assert len(page['Shards']) == 1 and not page['HasMoreShards']


# Settings and tags

def test_retention(kinesis, stream):
    def hours():
        return kinesis.describe_stream_summary(StreamName=stream)['StreamDescriptionSummary']['RetentionPeriodHours']

    kinesis.increase_stream_retention_period(StreamName=stream, RetentionPeriodHours=8760)
    assert hours() == 8760
    kinesis.decrease_stream_retention_period(StreamName=stream, RetentionPeriodHours=48)
    assert hours() == 48
    for call, value in (('increase', 24), ('increase', 8761), ('decrease', 72), ('decrease', 23)):
        assert error_of(getattr(kinesis, call + '_stream_retention_period'), StreamName=stream,
                        RetentionPeriodHours=value) == 'InvalidArgumentException'


def test_encryption_and_metrics_are_shown(kinesis, stream):
    kinesis.start_stream_encryption(StreamName=stream, EncryptionType='KMS', KeyId='alias/aws/kinesis')
    assert kinesis.put_record(StreamName=stream, Data=b'x', PartitionKey='k')['EncryptionType'] == 'KMS'
    described = kinesis.describe_stream(StreamName=stream)['StreamDescription']
    assert (described['EncryptionType'], described['KeyId']) == ('KMS', 'alias/aws/kinesis')
    kinesis.stop_stream_encryption(StreamName=stream, EncryptionType='KMS', KeyId='alias/aws/kinesis')
    assert 'EncryptionType' not in kinesis.put_record(StreamName=stream, Data=b'y', PartitionKey='k')
    records = kinesis.get_records(ShardIterator=iterator(kinesis, stream))['Records']
    assert [record.get('EncryptionType') for record in records] == ['KMS', None]
    on = kinesis.enable_enhanced_monitoring(StreamName=stream, ShardLevelMetrics=['IncomingBytes', 'OutgoingBytes'])
    assert (on['CurrentShardLevelMetrics'], len(on['DesiredShardLevelMetrics'])) == ([], 2)
    off = kinesis.disable_enhanced_monitoring(StreamName=stream, ShardLevelMetrics=['IncomingBytes'])
    assert off['DesiredShardLevelMetrics'] == ['OutgoingBytes']
    everything = kinesis.enable_enhanced_monitoring(StreamName=stream, ShardLevelMetrics=['ALL'])
    assert len(everything['DesiredShardLevelMetrics']) == 7


def test_tags(kinesis, stream):
    arn = arn_of(kinesis, stream)
    kinesis.add_tags_to_stream(StreamName=stream, Tags={'a': '1', 'b': '2', 'c': ''})
    kinesis.tag_resource(ResourceARN=arn, Tags={'b': '3'})
    first = kinesis.list_tags_for_stream(StreamName=stream, Limit=2)
    assert (first['Tags'], first['HasMoreTags']) == ([{'Key': 'a', 'Value': '1'}, {'Key': 'b', 'Value': '3'}], True)
    rest = kinesis.list_tags_for_stream(StreamName=stream, ExclusiveStartTagKey='b')
    assert (rest['Tags'], rest['HasMoreTags']) == ([{'Key': 'c', 'Value': ''}], False)
    kinesis.remove_tags_from_stream(StreamName=stream, TagKeys=['a', 'none'])
    kinesis.untag_resource(ResourceARN=arn, TagKeys=['c'])
    assert kinesis.list_tags_for_resource(ResourceARN=arn)['Tags'] == [{'Key': 'b', 'Value': '3'}]
    many = {str(number): '' for number in range(50)}
    assert error_of(kinesis.add_tags_to_stream, StreamName=stream, Tags=many) == 'InvalidArgumentException'
    name = next(names)
    kinesis.create_stream(StreamName=name, ShardCount=1, Tags={'x': 'y'})
    assert kinesis.list_tags_for_stream(StreamName=name)['Tags'] == [{'Key': 'x', 'Value': 'y'}]
    kinesis.delete_stream(StreamName=name)


def test_policies_are_kept(kinesis, stream):
    arn = arn_of(kinesis, stream)
    assert error_of(kinesis.get_resource_policy, ResourceARN=arn) == 'ResourceNotFoundException'
    kinesis.put_resource_policy(ResourceARN=arn, Policy='{"Version": "2012-10-17"}')
    assert kinesis.get_resource_policy(ResourceARN=arn)['Policy'] == '{"Version": "2012-10-17"}'
    kinesis.delete_resource_policy(ResourceARN=arn)
    assert error_of(kinesis.delete_resource_policy, ResourceARN=arn) == 'ResourceNotFoundException'


# Enhanced fan-out

def consumer_of(kinesis, stream, name='c'):
    return kinesis.register_stream_consumer(StreamARN=arn_of(kinesis, stream), ConsumerName=name)['Consumer']


def test_consumers(kinesis, stream):
    arn = arn_of(kinesis, stream)
    made = consumer_of(kinesis, stream)
    assert made['ConsumerStatus'] == 'CREATING'
    assert made['ConsumerARN'].startswith(f'{arn}/consumer/c:')
    described = kinesis.describe_stream_consumer(ConsumerARN=made['ConsumerARN'])['ConsumerDescription']
    assert (described['ConsumerStatus'], described['StreamARN']) == ('ACTIVE', arn)
    assert kinesis.describe_stream_consumer(StreamARN=arn, ConsumerName='c')['ConsumerDescription'] == described
    assert error_of(kinesis.register_stream_consumer, StreamARN=arn, ConsumerName='c') == 'ResourceInUseException'
    for number in range(19):
        consumer_of(kinesis, stream, f'd{number:02}')
    assert error_of(kinesis.register_stream_consumer, StreamARN=arn, ConsumerName='e') == 'LimitExceededException'
    pages = kinesis.get_paginator('list_stream_consumers').paginate(StreamARN=arn, PaginationConfig={'PageSize': 7})
    assert [len(page['Consumers']) for page in pages] == [7, 7, 6]
    assert error_of(kinesis.delete_stream, StreamName=stream) == 'ResourceInUseException'
    kinesis.deregister_stream_consumer(ConsumerARN=made['ConsumerARN'])
    for call in (kinesis.describe_stream_consumer, kinesis.deregister_stream_consumer):
        assert error_of(call, ConsumerARN=made['ConsumerARN']) == 'ResourceNotFoundException'
        assert error_of(call, StreamARN=arn, ConsumerName='c') == 'ResourceNotFoundException'
        assert error_of(call) == 'InvalidArgumentException'


def subscribe(kinesis, consumer, kind='TRIM_HORIZON', shard=0, **position):
    return kinesis.subscribe_to_shard(ConsumerARN=consumer['ConsumerARN'], ShardId=shard_id(shard),
                                      StartingPosition={'Type': kind, **position})['EventStream']


def texts_from(events, count):
    found, last = [], None
    for event in events:
        last = event['SubscribeToShardEvent']
        found += [record['Data'].decode() for record in last['Records']]
        if len(found) >= count:
            break
    return found, last


def test_records_are_pushed(kinesis, stream):
    put(kinesis, stream, 'a', 'b')
    consumer = consumer_of(kinesis, stream)
    events = subscribe(kinesis, consumer)
    found, _ = texts_from(events, 2)
    assert found == ['a', 'b']
    writer = threading.Timer(0.05, lambda: put(kinesis, stream, 'c'))
    writer.start()
    found, last = texts_from(events, 1)
    assert found == ['c'] and last['MillisBehindLatest'] == 0
    writer.join()
    events.close()
    # Continuing neither repeats nor leaves out a record, whichever way it is asked for.
    put(kinesis, stream, 'd')
    for name, kind in (('at', 'AT_SEQUENCE_NUMBER'), ('after', 'AFTER_SEQUENCE_NUMBER')):
        other = consumer_of(kinesis, stream, name)
        again = subscribe(kinesis, other, kind, SequenceNumber=last['ContinuationSequenceNumber'])
        assert texts_from(again, 1)[0] == ['d']
        again.close()


def test_continuation_before_any_record(kinesis, stream):
    consumer = consumer_of(kinesis, stream)
    events = subscribe(kinesis, consumer, 'LATEST')
    empty = next(iter(events))['SubscribeToShardEvent']
    assert empty['Records'] == []
    events.close()
    put(kinesis, stream, 'a')
    again = subscribe(kinesis, consumer_of(kinesis, stream, 'again'), 'AFTER_SEQUENCE_NUMBER',
                      SequenceNumber=empty['ContinuationSequenceNumber'])
    assert texts_from(again, 1)[0] == ['a']
    again.close()


def test_a_closed_shard_ends_with_its_children(kinesis, stream):
    put(kinesis, stream, 'a')
    events = subscribe(kinesis, consumer_of(kinesis, stream))
    assert texts_from(events, 1)[0] == ['a']
    kinesis.split_shard(StreamName=stream, ShardToSplit=shard_id(0), NewStartingHashKey=str(KEYS // 2))
    *_, last = [event['SubscribeToShardEvent'] for event in events]
    assert [child['ShardId'] for child in last['ChildShards']] == [shard_id(1), shard_id(2)]
    assert last['Records'] == [] and 'ContinuationSequenceNumber' not in last


def test_subscriptions_are_checked(kinesis, stream):
    consumer = consumer_of(kinesis, stream)
    with pytest.raises(ClientError) as caught:
        subscribe(kinesis, consumer, shard=5)
    assert caught.value.response['Error']['Code'] == 'ResourceNotFoundException'
    events = subscribe(kinesis, consumer)
    with pytest.raises(ClientError) as caught:
        subscribe(kinesis, consumer)
    assert caught.value.response['Error']['Code'] == 'ResourceInUseException'
    kinesis.deregister_stream_consumer(ConsumerARN=consumer['ConsumerARN'])
    with pytest.raises(ClientError) as caught:
        for _ in events:
            pass
    assert 'ResourceNotFoundException' in str(caught.value)


def test_a_consumer_that_deregisters_is_served_a_little_longer(kinesis, stream):
    """Else Flink's consumer, which deregisters before its last savepoint, takes the shard for closed."""
    consumer = consumer_of(kinesis, stream)
    events = subscribe(kinesis, consumer)
    kinesis.deregister_stream_consumer(ConsumerARN=consumer['ConsumerARN'])
    put(kinesis, stream, 'late')
    for event in events:
        records = event.get('SubscribeToShardEvent', {}).get('Records', [])
        if records:
            break
    assert [record['Data'] for record in records] == [b'late']
    events.close()


# The command line

def test_aws_command(service, kinesis, stream, tmp_path):
    def aws(*words):
        done = subprocess.run(
            ['aws', 'kinesis', *words, '--endpoint-url', service.endpoint, '--output', 'json'], check=False,
            env=dict(service.environment(), AWS_PAGER='', AWS_MAX_ATTEMPTS='1', HOME=str(tmp_path)),
            capture_output=True, text=True, timeout=60)
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout) if done.stdout.strip() else None

    # A file means the same bytes to versions 1 and 2 of the command.
    (tmp_path / 'data').write_bytes(b'from the shell')
    made = aws('put-record', '--stream-name', stream, '--partition-key', 'k', '--data', f'fileb://{tmp_path}/data')
    assert made['ShardId'] == shard_id(0)
    where = aws('get-shard-iterator', '--stream-name', stream, '--shard-id', shard_id(0), '--shard-iterator-type',
                'TRIM_HORIZON')['ShardIterator']
    [record] = aws('get-records', '--shard-iterator', where)['Records']
    assert record['Data'] == base64.b64encode(b'from the shell').decode()
    assert aws('describe-stream-summary', '--stream-name', stream)['StreamDescriptionSummary']['OpenShardCount'] == 1
    aws('wait', 'stream-exists', '--stream-name', stream)
    assert read(kinesis, stream) == ['from the shell']


# Limits

def test_throughput_is_limited_where_asked():
    limited = Service(['--kinesis-limits'])
    try:
        kinesis = limited.start().client('kinesis')
        kinesis.create_stream(StreamName='s', ShardCount=1)
        batch = [{'Data': b'x' * 2000, 'PartitionKey': 'k'}] * 500
        answers = [kinesis.put_records(StreamName='s', Records=batch) for _ in range(2)]
        assert answers[0]['FailedRecordCount'] == 0
        failed = [record for record in answers[1]['Records'] if 'ErrorCode' in record]
        assert len(failed) == answers[1]['FailedRecordCount'] > 0
        assert failed[0]['ErrorCode'] == 'ProvisionedThroughputExceededException'
        assert shard_id(0) in failed[0]['ErrorMessage']
        assert len(read(kinesis, 's')) == 1000 - len(failed)
    finally:
        limited.close()


# Restarts

def test_everything_is_there_after_a_restart(own_service):
    kinesis = own_service.start().client('kinesis')
    kinesis.create_stream(StreamName='s', ShardCount=1, Tags={'a': 'b'})
    consumer_of(kinesis, 's')
    put(kinesis, 's', 'a', 'b')
    answer = kinesis.get_records(ShardIterator=iterator(kinesis, 's'), Limit=1)
    kinesis.split_shard(StreamName='s', ShardToSplit=shard_id(0), NewStartingHashKey=str(KEYS // 2))
    put(kinesis, 's', 'c', ExplicitHashKey='0')
    before = [shards_of(kinesis, 's'), kinesis.describe_stream_summary(StreamName='s')['StreamDescriptionSummary']]
    assert own_service.stop() == 0
    kinesis = own_service.start().client('kinesis')
    assert before == [shards_of(kinesis, 's'),
                      kinesis.describe_stream_summary(StreamName='s')['StreamDescriptionSummary']]
    rest = kinesis.get_records(ShardIterator=answer['NextShardIterator'])
    assert [record['Data'] for record in rest['Records']] == [b'b'], 'an iterator outlives the process'
    assert read(kinesis, 's', shard=1) == ['c']
    assert kinesis.list_tags_for_stream(StreamName='s')['Tags'] == [{'Key': 'a', 'Value': 'b'}]
    assert len(kinesis.list_stream_consumers(StreamARN=arn_of(kinesis, 's'))['Consumers']) == 1


def test_a_waiting_consumer_does_not_hold_the_service(own_service):
    kinesis = own_service.start().client('kinesis')
    kinesis.create_stream(StreamName='s', ShardCount=1)
    events = subscribe(kinesis, consumer_of(kinesis, 's'))
    next(iter(events))
    began = time.monotonic()
    assert own_service.stop() == 0
    assert time.monotonic() - began < 4


def test_acknowledged_records_survive_kill(own_service):
    """Four writers are cut off by kill -9, four times: every acknowledged record is there, once, and in order."""
    kinesis = own_service.start().client('kinesis')
    kinesis.create_stream(StreamName='s', ShardCount=2)
    acknowledged, sent = [], set()
    for life in range(4):
        kinesis = own_service.client('kinesis')
        lost = threading.Event()

        def write(writer, kinesis=kinesis, life=life, lost=lost):
            for number in itertools.count():
                texts = [f'{life}:{writer}:{number}:{part}' for part in range(20)]
                sent.update(texts)
                try:
                    kinesis.put_records(StreamName='s', Records=[
                        {'Data': text.encode(), 'PartitionKey': str(writer)} for text in texts])
                except Exception:  # pylint: disable=broad-except
                    lost.set()
                    return
                acknowledged.extend(texts)

        threads = [threading.Thread(target=write, args=(writer,)) for writer in range(4)]
        before = len(acknowledged)
        for thread in threads:
            thread.start()
        deadline = time.monotonic() + 60
        while len(acknowledged) < before + 1000 and time.monotonic() < deadline:
            time.sleep(0.001)
        assert not lost.is_set()
        own_service.kill()
        for thread in threads:
            thread.join()
        own_service.start()
    kinesis = own_service.client('kinesis')
    found = [read(kinesis, 's', shard=shard) for shard in (0, 1)]
    everything = found[0] + found[1]
    assert len(everything) == len(set(everything)), 'no record is there twice'
    assert set(acknowledged) <= set(everything) <= sent
    for texts in found:
        last = {}
        for text in texts:
            life, writer, *place = map(int, text.split(':'))
            assert last.get(writer, (-1,)) < (life, *place)
            last[writer] = (life, *place)
