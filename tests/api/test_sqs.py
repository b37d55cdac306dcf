"""SQS with boto3 in both of its protocols, and with the aws command."""
import hashlib
import itertools
import json
import os
import struct
import subprocess
import threading
import time

import botocore.auth
import botocore.awsrequest
import botocore.credentials
import pytest
import urllib3
from xml.etree import ElementTree

from service import REGION, wait_for
from test_session_credentials import application_token, client_with, error_of, get_credentials

numbers = itertools.count(1)
NAMESPACE = '{http://queue.amazonaws.com/doc/2012-11-05/}'


@pytest.fixture
def sqs(service):
    return service.client('sqs')


@pytest.fixture
def queue(sqs):
    """The URL of a queue of the test's own."""
    url = sqs.create_queue(QueueName=f'queue-{next(numbers)}')['QueueUrl']
    yield url
    sqs.delete_queue(QueueUrl=url)


@pytest.fixture
def fifo(sqs):
    url = sqs.create_queue(QueueName=f'queue-{next(numbers)}.fifo', Attributes={'FifoQueue': 'true'})['QueueUrl']
    yield url
    sqs.delete_queue(QueueUrl=url)


def receive(sqs, queue, **arguments):
    return sqs.receive_message(QueueUrl=queue, **{'MaxNumberOfMessages': 10, **arguments}).get('Messages', [])


def bodies(sqs, queue, **arguments):
    return [message['Body'] for message in receive(sqs, queue, **arguments)]


def md5(text):
    return hashlib.md5(text.encode()).hexdigest()


def attributes_md5(attributes):
    """As the developer guide of SQS describes it."""
    digest = hashlib.md5()
    for name, value in sorted(attributes.items()):
        parts = [name.encode(), value['DataType'].encode()]
        binary = value['DataType'].startswith('Binary')
        for part in parts:
            digest.update(struct.pack('>I', len(part)) + part)
        content = value['BinaryValue'] if binary else value['StringValue'].encode()
        digest.update((b'\2' if binary else b'\1') + struct.pack('>I', len(content)) + content)
    return digest.hexdigest()


# Queues

def test_queues_are_made_found_listed_and_removed(service, sqs):
    url = sqs.create_queue(QueueName='made', Attributes={'VisibilityTimeout': '7'}, tags={'a': 'b'})['QueueUrl']
    assert url == f'{service.endpoint}/000000000000/made'
    assert sqs.create_queue(QueueName='made', Attributes={'VisibilityTimeout': '7'})['QueueUrl'] == url
    assert error_of(sqs.create_queue, QueueName='made', Attributes={'VisibilityTimeout': '8'})[0]['Code'] \
        == 'QueueAlreadyExists'
    assert sqs.get_queue_url(QueueName='made')['QueueUrl'] == url
    assert sqs.list_queues(QueueNamePrefix='mad')['QueueUrls'] == [url]
    assert sqs.list_queue_tags(QueueUrl=url)['Tags'] == {'a': 'b'}
    sqs.delete_queue(QueueUrl=url)
    error, status = error_of(sqs.get_queue_url, QueueName='made')
    assert (error['Code'], status) == ('AWS.SimpleQueueService.NonExistentQueue', 400)
    with pytest.raises(sqs.exceptions.QueueDoesNotExist):
        sqs.send_message(QueueUrl=url, MessageBody='x')


def test_attributes_have_defaults_and_bounds(sqs, queue):
    attributes = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=['All'])['Attributes']
    assert attributes['VisibilityTimeout'] == '30'
    assert attributes['MessageRetentionPeriod'] == '345600'
    assert attributes['QueueArn'] == f'arn:aws:sqs:us-east-1:000000000000:{queue.rsplit("/", 1)[1]}'
    sqs.set_queue_attributes(QueueUrl=queue, Attributes={'DelaySeconds': '5'})
    assert sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=['DelaySeconds', 'QueueArn'])['Attributes'] == {
        'DelaySeconds': '5', 'QueueArn': attributes['QueueArn']}
    assert error_of(sqs.set_queue_attributes, QueueUrl=queue, Attributes={'DelaySeconds': '901'})[0]['Code'] \
        == 'InvalidAttributeValue'
    assert error_of(sqs.set_queue_attributes, QueueUrl=queue, Attributes={'Colour': 'red'})[0]['Code'] \
        == 'InvalidAttributeName'
    assert error_of(sqs.create_queue, QueueName='no.dots')[0]['Code'] == 'InvalidParameterValue'


def test_queues_are_listed_in_pages(sqs):
    urls = [sqs.create_queue(QueueName=f'page-{number}')['QueueUrl'] for number in range(5)]
    pages = sqs.get_paginator('list_queues').paginate(QueueNamePrefix='page-', PaginationConfig={'PageSize': 2})
    assert [page['QueueUrls'] for page in pages] == [urls[:2], urls[2:4], urls[4:]]
    for url in urls:
        sqs.delete_queue(QueueUrl=url)


# Messages

def test_a_message_is_sent_received_and_deleted(sqs, queue):
    attributes = {'text': {'DataType': 'String', 'StringValue': 'ä'},
                  'number': {'DataType': 'Number.int', 'StringValue': '12'},
                  'bytes': {'DataType': 'Binary', 'BinaryValue': b'\0\xff'}}
    sent = sqs.send_message(QueueUrl=queue, MessageBody='hällo', MessageAttributes=attributes)
    assert sent['MD5OfMessageBody'] == md5('hällo')
    assert sent['MD5OfMessageAttributes'] == attributes_md5(attributes)
    message, = receive(sqs, queue, MessageAttributeNames=['All'], MessageSystemAttributeNames=['All'])
    assert (message['Body'], message['MD5OfBody'], message['MessageId']) == ('hällo', md5('hällo'), sent['MessageId'])
    assert message['MessageAttributes'] == attributes
    assert message['MD5OfMessageAttributes'] == attributes_md5(attributes)
    assert message['Attributes']['ApproximateReceiveCount'] == '1'
    assert abs(int(message['Attributes']['SentTimestamp']) - time.time() * 1000) < 60_000
    assert not receive(sqs, queue)
    counts = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=['ApproximateNumberOfMessagesNotVisible'])
    assert counts['Attributes'] == {'ApproximateNumberOfMessagesNotVisible': '1'}
    sqs.delete_message(QueueUrl=queue, ReceiptHandle=message['ReceiptHandle'])
    sqs.delete_message(QueueUrl=queue, ReceiptHandle=message['ReceiptHandle'])
    assert not receive(sqs, queue, VisibilityTimeout=0)


def test_only_the_wanted_attributes_are_returned(sqs, queue):
    attributes = {name: {'DataType': 'String', 'StringValue': name} for name in ['a.1', 'a.2', 'b']}
    sqs.send_message(QueueUrl=queue, MessageBody='x', MessageAttributes=attributes)
    message, = receive(sqs, queue, MessageAttributeNames=['a.*'], VisibilityTimeout=0)
    wanted = {name: attributes[name] for name in ['a.1', 'a.2']}
    assert message['MessageAttributes'] == wanted
    assert message['MD5OfMessageAttributes'] == attributes_md5(wanted)
    assert 'MessageAttributes' not in receive(sqs, queue, VisibilityTimeout=0)[0]


def test_batches_tell_each_entrys_fate(sqs, queue):
    answer = sqs.send_message_batch(QueueUrl=queue, Entries=[
        {'Id': 'good', 'MessageBody': 'a'}, {'Id': 'bad', 'MessageBody': '\x01'}, {'Id': 'late', 'MessageBody': 'b'}])
    assert [entry['Id'] for entry in answer['Successful']] == ['good', 'late']
    assert [(entry['Id'], entry['Code'], entry['SenderFault']) for entry in answer['Failed']] == [
        ('bad', 'InvalidMessageContents', True)]
    messages = receive(sqs, queue)
    assert [message['Body'] for message in messages] == ['a', 'b']
    entries = [{'Id': str(number), 'ReceiptHandle': message['ReceiptHandle']}
               for number, message in enumerate(messages)]
    sqs.change_message_visibility_batch(QueueUrl=queue,
                                        Entries=[{**entry, 'VisibilityTimeout': 100} for entry in entries])
    deleted = sqs.delete_message_batch(QueueUrl=queue, Entries=entries + [{'Id': 'x', 'ReceiptHandle': 'nonsense'}])
    assert [entry['Id'] for entry in deleted['Successful']] == ['0', '1']
    assert [entry['Code'] for entry in deleted['Failed']] == ['ReceiptHandleIsInvalid']
    assert error_of(sqs.send_message_batch, QueueUrl=queue, Entries=[{'Id': 'a', 'MessageBody': 'x'}] * 2)[0]['Code'] \
        == 'AWS.SimpleQueueService.BatchEntryIdsNotDistinct'
    assert error_of(sqs.send_message_batch, QueueUrl=queue, Entries=[
        {'Id': str(number), 'MessageBody': 'x'} for number in range(11)])[0]['Code'] \
        == 'AWS.SimpleQueueService.TooManyEntriesInBatchRequest'


def test_a_message_comes_back_when_its_time_is_over(sqs, queue):
    sqs.send_message(QueueUrl=queue, MessageBody='again')
    first, = receive(sqs, queue, VisibilityTimeout=1)
    second, = receive(sqs, queue, WaitTimeSeconds=10, MessageSystemAttributeNames=['All'])
    assert second['Attributes']['ApproximateReceiveCount'] == '2'
    assert second['ReceiptHandle'] != first['ReceiptHandle']
    # The first receiver's handle is worth nothing any more.
    sqs.delete_message(QueueUrl=queue, ReceiptHandle=first['ReceiptHandle'])
    sqs.change_message_visibility(QueueUrl=queue, ReceiptHandle=second['ReceiptHandle'], VisibilityTimeout=0)
    assert bodies(sqs, queue) == ['again']
    assert error_of(sqs.change_message_visibility, QueueUrl=queue, ReceiptHandle=second['ReceiptHandle'],
                    VisibilityTimeout=1)[0]['Code'] == 'AWS.SimpleQueueService.MessageNotInflight'


def test_a_long_poll_ends_with_the_message(service, sqs, queue):
    timer = threading.Timer(0.5, lambda: service.client('sqs').send_message(QueueUrl=queue, MessageBody='late'))
    timer.start()
    began = time.monotonic()
    assert bodies(sqs, queue, WaitTimeSeconds=20) == ['late']
    assert 0.4 < time.monotonic() - began < 10
    timer.join()
    began = time.monotonic()
    assert not receive(sqs, queue, WaitTimeSeconds=1)
    assert 0.9 < time.monotonic() - began < 10


def test_a_delayed_message_appears_later(sqs, queue):
    sqs.send_message(QueueUrl=queue, MessageBody='later', DelaySeconds=1)
    assert not receive(sqs, queue)
    counts = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=['ApproximateNumberOfMessagesDelayed'])
    assert counts['Attributes'] == {'ApproximateNumberOfMessagesDelayed': '1'}
    assert bodies(sqs, queue, WaitTimeSeconds=10) == ['later']


def test_a_message_that_nobody_deletes_becomes_a_dead_letter(sqs, queue):
    letters = sqs.create_queue(QueueName='dead-letters')['QueueUrl']
    arn = sqs.get_queue_attributes(QueueUrl=letters, AttributeNames=['QueueArn'])['Attributes']['QueueArn']
    sqs.set_queue_attributes(QueueUrl=queue, Attributes={
        'RedrivePolicy': json.dumps({'deadLetterTargetArn': arn, 'maxReceiveCount': 2})})
    sqs.send_message(QueueUrl=queue, MessageBody='poison')
    assert bodies(sqs, queue, VisibilityTimeout=0) == ['poison']
    assert bodies(sqs, queue, VisibilityTimeout=0) == ['poison']
    assert not receive(sqs, queue, VisibilityTimeout=0)
    letter, = receive(sqs, letters, MessageSystemAttributeNames=['All'])
    assert letter['Body'] == 'poison'
    assert letter['Attributes']['DeadLetterQueueSourceArn'].endswith(queue.rsplit('/', 1)[1])
    assert sqs.list_dead_letter_source_queues(QueueUrl=letters)['queueUrls'] == [queue]
    sqs.delete_queue(QueueUrl=letters)


def test_a_purge_empties_the_queue(sqs, queue):
    for _ in range(3):
        sqs.send_message(QueueUrl=queue, MessageBody='x')
    sqs.purge_queue(QueueUrl=queue)
    assert not receive(sqs, queue)


def test_what_it_refuses(sqs, queue):
    assert error_of(sqs.send_message, QueueUrl=queue, MessageBody='x' * 1_048_577)[0]['Code'] == 'InvalidParameterValue'
    assert error_of(sqs.send_message, QueueUrl=queue, MessageBody='\x00')[0]['Code'] == 'InvalidMessageContents'
    assert error_of(sqs.receive_message, QueueUrl=queue, MaxNumberOfMessages=11)[0]['Code'] == 'InvalidParameterValue'
    assert error_of(sqs.receive_message, QueueUrl=queue, WaitTimeSeconds=21)[0]['Code'] == 'InvalidParameterValue'
    assert error_of(sqs.delete_message, QueueUrl=queue, ReceiptHandle='x')[0]['Code'] == 'ReceiptHandleIsInvalid'
    error, _ = error_of(sqs.add_permission, QueueUrl=queue, Label='l', AWSAccountIds=['000000000000'], Actions=['*'])
    assert 'AddPermission' in error['Message']


def test_the_header_names_the_error_without_its_namespace(service):
    status, name, _ = service.post('AmazonSQS.GetQueueUrl', {'QueueName': 'nobody'}, sign=False)
    assert (status, name) == (403, 'MissingAuthenticationTokenException')
    headers = {'Content-Type': 'application/x-amz-json-1.0', 'X-Amz-Target': 'AmazonSQS.GetQueueUrl'}
    request = botocore.awsrequest.AWSRequest('POST', service.endpoint + '/', headers=headers,
                                             data=b'{"QueueName": "nobody"}')
    botocore.auth.SigV4Auth(botocore.credentials.Credentials(*service.credentials()), 'sqs', REGION).add_auth(request)
    answer = urllib3.request('POST', service.endpoint + '/', body=request.data, headers=dict(request.headers))
    assert answer.json()['__type'] == 'com.amazonaws.sqs#QueueDoesNotExist'
    # Java takes it as it is.
    assert answer.headers['x-amzn-ErrorType'] == 'QueueDoesNotExist'
    assert answer.headers['x-amzn-query-error'] == 'AWS.SimpleQueueService.NonExistentQueue;Sender'


# FIFO

def test_fifo_keeps_order_within_a_group_and_groups_apart(sqs, fifo):
    for number, group in enumerate(['a', 'b', 'a', 'b']):
        sqs.send_message(QueueUrl=fifo, MessageBody=f'{group}{number}', MessageGroupId=group,
                         MessageDeduplicationId=str(number))
    first, = receive(sqs, fifo, MaxNumberOfMessages=1)
    assert first['Body'] == 'a0'
    # a2 waits for a0; b goes on.
    assert bodies(sqs, fifo) == ['b1', 'b3']
    assert not receive(sqs, fifo)
    sqs.delete_message(QueueUrl=fifo, ReceiptHandle=first['ReceiptHandle'])
    assert bodies(sqs, fifo) == ['a2']


def test_fifo_takes_a_message_once(sqs, fifo):
    def send(body, **arguments):
        return sqs.send_message(QueueUrl=fifo, MessageBody=body, MessageGroupId='g', **arguments)

    one = send('x', MessageDeduplicationId='1')
    same = send('y', MessageDeduplicationId='1')
    assert (one['MessageId'], one['SequenceNumber']) == (same['MessageId'], same['SequenceNumber'])
    assert int(send('z', MessageDeduplicationId='2')['SequenceNumber']) > int(one['SequenceNumber'])
    assert error_of(send, body='no id')[0]['Code'] == 'InvalidParameterValue'
    sqs.set_queue_attributes(QueueUrl=fifo, Attributes={'ContentBasedDeduplication': 'true'})
    assert send('same')['MessageId'] == send('same')['MessageId']
    messages = receive(sqs, fifo, MessageSystemAttributeNames=['All'])
    assert [message['Body'] for message in messages] == ['x', 'z', 'same']
    assert messages[0]['Attributes']['MessageGroupId'] == 'g'
    assert messages[0]['Attributes']['SequenceNumber'] == one['SequenceNumber']
    assert error_of(sqs.send_message, QueueUrl=fifo, MessageBody='x')[0]['Code'] == 'MissingParameter'
    assert error_of(sqs.create_queue, QueueName='no-suffix', Attributes={'FifoQueue': 'true'})[0]['Code'] \
        == 'InvalidAttributeName'


# The query protocol

def query(service, path, **parameters):
    """A call as SDKs made it before SQS spoke JSON: (status, root of the XML)."""
    body = '&'.join(f'{name}={botocore.compat.quote(str(value), safe="")}'
                    for name, value in {'Version': '2012-11-05', **parameters}.items())
    headers = {'Content-Type': 'application/x-www-form-urlencoded; charset=utf-8'}
    request = botocore.awsrequest.AWSRequest('POST', service.endpoint + path, headers=headers, data=body)
    botocore.auth.SigV4Auth(botocore.credentials.Credentials(*service.credentials()), 'sqs', REGION).add_auth(request)
    answer = urllib3.request('POST', service.endpoint + path, body=body, headers=dict(request.headers), retries=False)
    return answer.status, ElementTree.fromstring(answer.data.decode().replace(f' xmlns="{NAMESPACE[1:-1]}"', ''))


def test_old_sdks_are_answered_in_xml(service, sqs):
    status, root = query(service, '/', Action='CreateQueue', QueueName='old', **{
        'Attribute.1.Name': 'VisibilityTimeout', 'Attribute.1.Value': '9'})
    assert status == 200
    assert root.tag == 'CreateQueueResponse'
    assert root.findtext('ResponseMetadata/RequestId')
    url = root.findtext('CreateQueueResult/QueueUrl')
    path = '/000000000000/old'
    assert url == service.endpoint + path
    _, root = query(service, path, Action='GetQueueAttributes', **{'AttributeName.1': 'VisibilityTimeout'})
    assert [(item.findtext('Name'), item.findtext('Value')) for item in root.iter('Attribute')] == [
        ('VisibilityTimeout', '9')]
    _, root = query(service, path, Action='SendMessage', MessageBody='a & b', **{
        'MessageAttribute.1.Name': 'n', 'MessageAttribute.1.Value.DataType': 'String',
        'MessageAttribute.1.Value.StringValue': '<v>'})
    assert root.findtext('SendMessageResult/MD5OfMessageBody') == md5('a & b')
    _, root = query(service, path, Action='SendMessageBatch', **{
        'SendMessageBatchRequestEntry.1.Id': 'one', 'SendMessageBatchRequestEntry.1.MessageBody': 'c',
        'SendMessageBatchRequestEntry.2.Id': 'two', 'SendMessageBatchRequestEntry.2.MessageBody': '\x01'})
    assert root.findtext('SendMessageBatchResult/SendMessageBatchResultEntry/Id') == 'one'
    assert root.findtext('SendMessageBatchResult/BatchResultErrorEntry/Id') == 'two'
    _, root = query(service, '/', Action='ReceiveMessage', QueueUrl=url, MaxNumberOfMessages=10, **{
        'AttributeName.1': 'All', 'MessageAttributeName.1': 'All'})
    messages = list(root.iter('Message'))
    assert [message.findtext('Body') for message in messages] == ['a & b', 'c']
    assert messages[0].findtext('MessageAttribute/Name') == 'n'
    assert messages[0].findtext('MessageAttribute/Value/StringValue') == '<v>'
    assert {item.findtext('Name'): item.findtext('Value') for item in messages[0].findall('Attribute')}[
        'ApproximateReceiveCount'] == '1'
    status, root = query(service, path, Action='DeleteMessage', ReceiptHandle=messages[0].findtext('ReceiptHandle'))
    assert (status, root.tag) == (200, 'DeleteMessageResponse')
    _, root = query(service, '/', Action='ListQueues', QueueNamePrefix='ol')
    assert root.findtext('ListQueuesResult/QueueUrl') == url
    sqs.delete_queue(QueueUrl=url)
    status, root = query(service, '/', Action='GetQueueUrl', QueueName='old')
    assert (status, root.findtext('Error/Code')) == (400, 'AWS.SimpleQueueService.NonExistentQueue')


# Beyond one process

def test_messages_outlive_a_kill(own_service):
    own_service.start()
    sqs = own_service.client('sqs')
    sqs.create_queue(QueueName='kept')
    sent = []
    for number in range(20):
        url = sqs.get_queue_url(QueueName='kept')['QueueUrl']
        sqs.send_message(QueueUrl=url, MessageBody=str(number))
        sent.append(str(number))
        if number % 7 == 6:
            own_service.kill()
            own_service.start()
            sqs = own_service.client('sqs')
    url = sqs.get_queue_url(QueueName='kept')['QueueUrl']
    assert bodies(sqs, url) + bodies(sqs, url) == sent


def test_a_stop_ends_long_polls(own_service):
    own_service.start()
    sqs = own_service.client('sqs')
    url = sqs.create_queue(QueueName='polled')['QueueUrl']
    began = time.monotonic()
    threading.Timer(0.5, own_service.process.terminate).start()
    try:
        receive(sqs, url, WaitTimeSeconds=20)
    except Exception:  # pylint: disable=broad-except
        pass  # the connection may end before the answer
    wait_for('the service to end', lambda: not own_service.alive())
    assert time.monotonic() - began < 10


def test_keys_of_a_role_and_the_aws_command_use_it(service, sqs, queue):
    keys = get_credentials(service, application_token(service))[1]
    client_with(service, keys, 'sqs').send_message(QueueUrl=queue, MessageBody='from a role')
    done = subprocess.run(['aws', 'sqs', 'receive-message', '--queue-url', queue, '--query', 'Messages[0].Body',
                           '--output', 'text', '--endpoint-url', service.endpoint],
                          env=dict(os.environ, **service.environment()), capture_output=True, text=True, check=True)
    assert done.stdout.strip() == 'from a role'
