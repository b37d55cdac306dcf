"""`raudal load` against the service: exact counts, the same records for a seed, a service that goes away meanwhile."""
import json
import os
import subprocess

import pytest

from service import RAUDAL, Service, wait_for

TICKERS = {'AAPL', 'AMZN', 'MSFT', 'INTC', 'TBV'}


def load(service, *words):
    return subprocess.run([RAUDAL, 'load', '--data', service.data, *words], capture_output=True, text=True, check=False)


def printed(*words):
    run = subprocess.run([RAUDAL, 'load', '--print', *words], capture_output=True, text=True, check=True)
    return run.stdout.splitlines()


def records_of(service, stream):
    kinesis, texts = service.client('kinesis'), []
    for shard in kinesis.list_shards(StreamName=stream)['Shards']:
        iterator = kinesis.get_shard_iterator(StreamName=stream, ShardId=shard['ShardId'],
                                              ShardIteratorType='TRIM_HORIZON')['ShardIterator']
        while True:
            answer = kinesis.get_records(ShardIterator=iterator)
            texts += [record['Data'].decode() for record in answer['Records']]
            if not answer['Records']:
                break
            iterator = answer['NextShardIterator']
    return texts


@pytest.fixture(name='stream')
def fixture_stream(service, name):
    kinesis = service.client('kinesis')
    kinesis.create_stream(StreamName=name, ShardCount=3)
    yield name
    kinesis.delete_stream(StreamName=name)


def test_sends_exactly_so_many_to_all_shards(service, stream):
    run = load(service, '--stream', stream, '--template', 'order', '--count', '1234', '--partition-key', '{{index}}')
    assert run.returncode == 0, run.stderr
    orders = sorted(json.loads(text)['order_id'] for text in records_of(service, stream))
    assert orders == list(range(1234))


def test_a_seed_makes_the_same_records_and_goes_on_where_it_is_told(service, stream):
    for first, count in ((0, 300), (300, 200)):
        run = load(service, '--stream', stream, '--seed', '5', '--first', str(first), '--count', str(count),
                   '--partition-key', 'one')
        assert run.returncode == 0, run.stderr
    sent = [json.loads(text) for text in records_of(service, stream)]
    expected = [json.loads(line) for line in printed('--seed', '5', '--count', '500')]
    assert [(r['ticker'], r['price']) for r in sent] == [(r['ticker'], r['price']) for r in expected]
    assert {record['ticker'] for record in sent} == TICKERS


def test_a_template_of_ones_own(service, stream, tmp_path):
    template = tmp_path / 'record.json'
    template.write_text('{"n": {{index}}, "who": "{{w = choice ann|bob}}", "again": "{{w}}"}\n', encoding='utf-8')
    run = load(service, '--stream', stream, '--template-file', str(template), '--count', '20')
    assert run.returncode == 0, run.stderr
    for text in records_of(service, stream):
        record = json.loads(text)
        assert record['who'] == record['again'] and record['who'] in ('ann', 'bob')


def test_sends_messages_to_a_queue(service, name):
    sqs = service.client('sqs')
    url = sqs.create_queue(QueueName=name)['QueueUrl']
    run = load(service, '--queue-url', url, '--count', '25')
    assert run.returncode == 0, run.stderr
    attributes = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=['ApproximateNumberOfMessages'])['Attributes']
    assert attributes['ApproximateNumberOfMessages'] == '25'
    sqs.delete_queue(QueueUrl=url)


def test_a_missing_stream_is_an_error_at_once(service):
    run = load(service, '--stream', 'nothing', '--count', '5')
    assert run.returncode == 1
    assert 'ResourceNotFoundException' in run.stderr


def test_needs_to_be_told_where(tmp_path):
    variables = {'PATH': os.environ['PATH'], 'HOME': str(tmp_path)}
    run = subprocess.run([RAUDAL, 'load', '--stream', 's', '--count', '1'], capture_output=True, text=True,
                         env=variables, check=False)
    assert run.returncode == 1
    assert '--endpoint-url' in run.stderr


def test_outlasts_a_service_that_is_killed():
    own = Service()
    try:
        own.start()
        own.port = int(own.endpoint.rsplit(':', 1)[1])
        own.client('kinesis').create_stream(StreamName='s', ShardCount=1)
        with subprocess.Popen([RAUDAL, 'load', '--data', own.data, '--stream', 's', '--template', 'order', '--count',
                               '4000', '--rate', '2000'], stdout=subprocess.PIPE, stderr=subprocess.PIPE) as sender:
            wait_for('records', lambda: records_of(own, 's'))
            own.kill()
            own.start()
            assert sender.wait(timeout=60) == 0
        orders = [json.loads(text)['order_id'] for text in records_of(own, 's')]
        assert set(orders) == set(range(4000))  # what got no answer may be there twice
    finally:
        own.close()
