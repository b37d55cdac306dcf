"""The neighbours with the JavaScript SDK, which checks the MD5s of SQS and signs streams of S3 by itself."""
import json
import os
import subprocess

import pytest

from service import NODE_MODULES, ROLE, ClientError, wait_for
from test_session_credentials import application_token


class Node:
    """One node process for all calls."""

    def __init__(self, environment):
        script = os.path.join(os.path.dirname(__file__), 'neighbours.js')
        self.node = subprocess.Popen(['node', script], env=dict(os.environ, NODE_PATH=NODE_MODULES, **environment),
                                     stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def call(self, service, operation, credentials=None, **request):
        line = {'service': service, 'operation': operation, 'request': request, 'credentials': credentials}
        self.node.stdin.write(json.dumps(line) + '\n')
        self.node.stdin.flush()
        answer = json.loads(self.node.stdout.readline())
        if 'error' in answer:
            raise ClientError(answer['error'], answer['message'])
        return answer['answer']

    def close(self):
        self.node.stdin.close()
        self.node.wait(timeout=10)


@pytest.fixture(scope='module')
def node(service):
    running = Node(service.environment())
    yield running
    running.close()


@pytest.fixture(scope='module')
def role(node):
    """Credentials of an assumed role."""
    made = node.call('STS', 'AssumeRole', RoleArn=ROLE, RoleSessionName='js')['Credentials']
    return {'accessKeyId': made['AccessKeyId'], 'secretAccessKey': made['SecretAccessKey'],
            'sessionToken': made['SessionToken']}


def test_sts(node, role):
    assert node.call('STS', 'GetCallerIdentity')['Arn'].endswith(':root')
    assert node.call('STS', 'GetCallerIdentity', credentials=role)['Arn'].endswith('assumed-role/MF-stream-rw-role/js')
    with pytest.raises(ClientError, match='InvalidClientTokenId'):
        node.call('STS', 'GetCallerIdentity', credentials={**role, 'sessionToken': 'x'})


def test_s3_with_keys_of_a_role(node, role):
    node.call('S3', 'CreateBucket', credentials=role, Bucket='js-bucket')
    node.call('S3', 'PutObject', credentials=role, Bucket='js-bucket', Key='k', Body='hello')
    assert node.call('S3', 'GetObject', credentials=role, Bucket='js-bucket', Key='k')['Body'] == 'hello'
    with pytest.raises(ClientError, match='InvalidToken'):
        node.call('S3', 'ListBuckets', credentials={**role, 'sessionToken': 'x'})


def test_secrets_manager(node, role):
    node.call('SecretsManager', 'CreateSecret', Name='js', SecretString='s')
    assert node.call('SecretsManager', 'GetSecretValue', credentials=role, SecretId='js')['SecretString'] == 's'
    with pytest.raises(ClientError, match="ResourceNotFoundException: Secrets Manager can't find the specified secret"):
        node.call('SecretsManager', 'GetSecretValue', SecretId='nobody')


def test_sqs(node, role):
    url = node.call('SQS', 'CreateQueue', QueueName='js')['QueueUrl']
    attributes = {'a': {'DataType': 'String', 'StringValue': 'b'}}
    node.call('SQS', 'SendMessage', credentials=role, QueueUrl=url, MessageBody='hällo', MessageAttributes=attributes)
    node.call('SQS', 'SendMessageBatch', QueueUrl=url, Entries=[{'Id': '1', 'MessageBody': 'two'}])
    messages = node.call('SQS', 'ReceiveMessage', QueueUrl=url, MaxNumberOfMessages=10, WaitTimeSeconds=1,
                         MessageAttributeNames=['All'])['Messages']
    assert [message['Body'] for message in messages] == ['hällo', 'two']
    assert messages[0]['MessageAttributes']['a']['StringValue'] == 'b'
    node.call('SQS', 'DeleteMessage', QueueUrl=url, ReceiptHandle=messages[0]['ReceiptHandle'])
    with pytest.raises(ClientError, match='QueueDoesNotExist'):
        node.call('SQS', 'GetQueueUrl', QueueName='nobody')


def test_firehose(node, role):
    node.call('S3', 'CreateBucket', Bucket='js-delivered')
    node.call('Firehose', 'CreateDeliveryStream', DeliveryStreamName='js', S3DestinationConfiguration={
        'RoleARN': ROLE, 'BucketARN': 'arn:aws:s3:::js-delivered',
        'BufferingHints': {'IntervalInSeconds': 0, 'SizeInMBs': 1}})
    node.call('Firehose', 'PutRecord', credentials=role, DeliveryStreamName='js', Record={'Data': 'hello'})

    def key():
        contents = node.call('S3', 'ListObjectsV2', Bucket='js-delivered').get('Contents')
        return contents and contents[0]['Key']

    found = wait_for('the object', key)
    assert node.call('S3', 'GetObject', Bucket='js-delivered', Key=found)['Body'] == 'hello'
    node.call('Firehose', 'DeleteDeliveryStream', DeliveryStreamName='js')


def test_credentials_of_the_container(service):
    hidden = ['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY']
    environment = {name: value for name, value in service.environment().items() if name not in hidden}
    environment.update(AWS_CONTAINER_CREDENTIALS_FULL_URI=service.endpoint + '/credentials',
                       AWS_CONTAINER_AUTHORIZATION_TOKEN=application_token(service),
                       AWS_SHARED_CREDENTIALS_FILE='/dev/null', AWS_CONFIG_FILE='/dev/null')
    node = Node(environment)
    try:
        assert node.call('STS', 'GetCallerIdentity')['Arn'].endswith('/my-app')
    finally:
        node.close()
