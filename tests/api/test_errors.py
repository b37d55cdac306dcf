"""What is refused, and in which words."""

import botocore.session
import pytest

from programs import ENDLESS, create, describe, operation, package, upload, wait_for_status
from service import ROLE, Boto3, ClientError, wait_for

MODEL = botocore.session.get_session().get_service_model('kinesisanalyticsv2')
BUILT = ['CreateApplication', 'DescribeApplication', 'ListApplications', 'UpdateApplication', 'StartApplication',
         'StopApplication', 'DeleteApplication', 'CreateApplicationSnapshot', 'DescribeApplicationSnapshot',
         'ListApplicationSnapshots', 'DeleteApplicationSnapshot', 'ListApplicationVersions',
         'DescribeApplicationVersion', 'ListApplicationOperations', 'DescribeApplicationOperation',
         'CreateApplicationPresignedUrl']
MINIMUM = {'string': 'arn:a', 'long': 1, 'integer': 1, 'boolean': True, 'timestamp': 1, 'blob': ''}


def smallest(shape):
    """A value with the required members alone."""
    if shape.type_name == 'structure':
        return {name: smallest(shape.members[name]) for name in shape.required_members}
    if getattr(shape, 'enum', None):
        return shape.enum[0]
    if shape.type_name == 'list':
        return [smallest(shape.member)]
    if shape.type_name == 'map':
        return {'k': smallest(shape.value)}
    if shape.name in ('ApplicationName', 'SnapshotName', 'Id'):
        return 'nothing-here'
    return MINIMUM[shape.type_name]


def members(operation_name):
    return MODEL.operation_model(operation_name).input_shape.members.items()


@pytest.mark.parametrize('operation_name', MODEL.operation_names)
def test_every_operation_of_the_model_is_known(service, operation_name):
    request = smallest(MODEL.operation_model(operation_name).input_shape)
    status, kind, answer = service.post(operation_name, request)
    if operation_name in BUILT:
        assert kind != 'UnsupportedOperationException'
    else:
        assert (status, kind) == (400, 'UnsupportedOperationException'), answer
        assert operation_name in answer['Message']


@pytest.mark.parametrize('operation_name', BUILT)
def test_required_members_are_required(service, operation_name):
    shape = MODEL.operation_model(operation_name).input_shape
    for name in shape.required_members:
        for request in ({k: v for k, v in smallest(shape).items() if k != name}, {**smallest(shape), name: None}):
            status, kind, answer = service.post(operation_name, request)
            path = name[0].lower() + name[1:]
            assert (status, kind) == (400, 'ValidationException'), (name, answer)
            assert answer['Message'] == (f"1 validation error detected: Value null at '{path}' failed to satisfy "
                                         'constraint: Member must not be null')


@pytest.mark.parametrize('operation_name', BUILT)
def test_wrong_json_types_are_refused(service, operation_name):
    shape = MODEL.operation_model(operation_name).input_shape
    wrong = {'string': [1, [], {}, True], 'integer': ['x', [], {}, 1.5], 'long': ['x', [], {}, 1.5],
             'boolean': [1, 'x', [], {}], 'timestamp': ['x', [], {}], 'structure': [1, 'x', []], 'list': [1, 'x', {}]}
    for name, member in members(operation_name):
        for value in wrong[member.type_name]:
            status, kind, answer = service.post(operation_name, {**smallest(shape), name: value})
            assert (status, kind) == (400, 'SerializationException'), (name, value, answer)


@pytest.mark.parametrize('operation_name', BUILT)
def test_limits_are_enforced(service, operation_name):
    shape = MODEL.operation_model(operation_name).input_shape
    for name, member in members(operation_name):
        bad = []
        limits = member.metadata
        if member.type_name == 'string' and 'max' in limits:
            bad += ['arn:' + 'a' * (limits['max'] - 3)] + ([''] if limits.get('min') else [])
        if member.type_name in ('integer', 'long') and 'max' in limits:
            bad += [limits['min'] - 1, limits['max'] + 1]
        if limits.get('pattern'):
            bad += ['a b', 'arn:\n', 'ä'] if 'arn' not in limits['pattern'] else ['x']
        if getattr(member, 'enum', None):
            bad += ['nothing', member.enum[0].lower()]
        for value in bad:
            status, kind, answer = service.post(operation_name, {**smallest(shape), name: value})
            assert (status, kind) == (400, 'ValidationException'), (name, value, answer)


def test_all_violations_stand_in_one_answer(service):
    _, _, answer = service.post('CreateApplication', {
        'ApplicationName': 'a b', 'ServiceExecutionRole': 'x',
        'ApplicationConfiguration': {'EnvironmentProperties': {'PropertyGroups': [{'PropertyGroupId': ''}]}}})
    message = answer['Message']
    assert message.startswith('5 validation errors detected: ') or message.startswith('6 validation errors'), message
    order = ["at 'applicationName'", "at 'runtimeEnvironment'", "at 'serviceExecutionRole'",
             "at 'applicationConfiguration.environmentProperties.propertyGroups.1.member.propertyGroupId'",
             "at 'applicationConfiguration.environmentProperties.propertyGroups.1.member.propertyMap'"]
    places = [message.find(place) for place in order]
    assert -1 not in places and places == sorted(places), message


@pytest.mark.parametrize('body', ['', '{', '[]', '"x"', 'null', '{"a":1,}', '{"ApplicationName":"a"} x', b'\xff\xfe',
                                  '{"ApplicationName":' + '[' * 100_000 + ']' * 100_000 + '}'])
def test_malformed_json_is_refused(service, body):
    status, kind, _ = service.post('DescribeApplication', body)
    assert status == 400
    assert kind == ('ValidationException' if body == '' else 'SerializationException')


@pytest.mark.parametrize('target', [None, 'KinesisAnalytics_20180523.Nothing', 'KinesisAnalytics_20180523.',
                                    'KinesisAnalytics_20150814.ListApplications', 'x.y',
                                    'Other_20180523.ListApplications'])
def test_unknown_targets_are_refused(service, target):
    assert service.post(target, {})[:2] == (400, 'UnknownOperationException')


def test_errors_come_in_the_order_of_the_checks(service):
    """Signature, JSON, constraints, existence, version, meaning."""
    assert service.post('DescribeApplication', '{', secret='wrong')[1] == 'InvalidSignatureException'
    assert service.post('UpdateApplication', {'ApplicationName': 'absent', 'CurrentApplicationVersionId': 0})[1] == \
        'ValidationException'
    assert service.post('UpdateApplication', {'ApplicationName': 'absent', 'CurrentApplicationVersionId': 1})[1] == \
        'ResourceNotFoundException'


@pytest.mark.parametrize('change, kind', [
    ({'RuntimeEnvironment': 'FLINK-1_6'}, 'UnsupportedOperationException'),
    ({'RuntimeEnvironment': 'ZEPPELIN-FLINK-3_0'}, 'InvalidArgumentException'),
    ({'ApplicationMode': 'INTERACTIVE'}, 'InvalidArgumentException'),
    ({'Tags': [{'Key': 'a'}, {'Key': 'a'}]}, 'InvalidArgumentException'),
    ({'Tags': [{'Key': f'k{i}'} for i in range(51)]}, 'TooManyTagsException'),
])
def test_applications_that_make_no_sense_are_not_created(service, name, change, kind):
    request = {'ApplicationName': name, 'RuntimeEnvironment': 'FLINK-1_20', 'ServiceExecutionRole': ROLE, **change}
    assert service.post('CreateApplication', request)[1] == kind


@pytest.mark.parametrize('configuration, kind', [
    ({'ParallelismConfiguration': {'ConfigurationType': 'CUSTOM', 'Parallelism': 257}}, 'InvalidArgumentException'),
    ({'ParallelismConfiguration': {'ConfigurationType': 'CUSTOM', 'ParallelismPerKPU': 9}}, 'InvalidArgumentException'),
    ({'ParallelismConfiguration': {'ConfigurationType': 'CUSTOM', 'Parallelism': 65}}, 'LimitExceededException'),
    ({'ParallelismConfiguration': {'ConfigurationType': 'DEFAULT', 'Parallelism': 257}}, None),
])
def test_parallelism_has_limits(service, name, configuration, kind):
    request = {'ApplicationName': name, 'RuntimeEnvironment': 'FLINK-1_20', 'ServiceExecutionRole': ROLE,
               'ApplicationConfiguration': {'FlinkApplicationConfiguration': configuration}}
    assert service.post('CreateApplication', request)[1] == kind


def refused_start(client, name):
    with pytest.raises(ClientError) as caught:
        client.call('StartApplication', ApplicationName=name)
    assert describe(client, name)['ApplicationStatus'] == 'READY'
    return caught.value


@pytest.mark.parametrize('content, words', [
    (None, 'is missing'),
    (b'no archive at all', 'cannot be read'),
    (package({'META-INF/MANIFEST.MF': 'Manifest-Version: 1.0\n', 'A.class': 'x'}), 'Main-Class'),
    (package({'other.sql': ENDLESS}), 'main.sql'),
    (package({'../escaped.sql': 'x', 'main.sql': ENDLESS}), 'escaped.sql'),
    (package({'/etc/escaped.sql': 'x', 'main.sql': ENDLESS}), 'escaped.sql'),
])
def test_code_that_cannot_run_is_refused_at_start(service, name, content, words):
    client = Boto3(service)
    create(service, client, name)
    if content is None:
        service.client('s3').delete_object(Bucket='ka-app-code-username', Key=name + '.zip')
    else:
        upload(service, name + '.zip', content)
    error = refused_start(client, name)
    assert error.name == 'InvalidApplicationConfigurationException'
    assert words in error.message


def test_start_without_code_is_refused(service, name):
    client = Boto3(service)
    client.call('CreateApplication', ApplicationName=name, RuntimeEnvironment='FLINK-1_20', ServiceExecutionRole=ROLE)
    assert refused_start(client, name).name == 'InvalidApplicationConfigurationException'


@pytest.mark.parametrize('program, words', [
    ('SELEC 1;', 'line 1'),
    ("CREATE TABLE t (n BIGINT) WITH ('connector' = 'blackhole');\nINSERT INTO t SELECT n FROM nothing;", 'nothing'),
])
def test_program_that_cannot_run_ends_the_start_with_its_reason(service, name, program, words):
    client = Boto3(service)
    create(service, client, name, program)
    started = client.call('StartApplication', ApplicationName=name)['OperationId']
    wait_for('the start', lambda: operation(client, name, started)['OperationStatus'] != 'IN_PROGRESS')
    ended = operation(client, name, started)
    assert ended['OperationStatus'] == 'FAILED'
    assert words in ended['OperationFailureDetails']['ErrorInfo']['ErrorString']
    assert describe(client, name)['ApplicationStatus'] == 'READY'


def test_transitions_that_are_not_legal_are_refused(service, name):
    client = Boto3(service)
    create(service, client, name)
    for request in ({}, {'Force': True}):
        with pytest.raises(ClientError) as caught:
            client.call('StopApplication', ApplicationName=name, **request)
        assert caught.value.name == 'ResourceInUseException'
    with pytest.raises(ClientError) as caught:
        client.call('CreateApplicationSnapshot', ApplicationName=name, SnapshotName='s')
    assert caught.value.name == 'InvalidApplicationConfigurationException'
    client.call('StartApplication', ApplicationName=name)
    with pytest.raises(ClientError) as caught:
        client.call('StartApplication', ApplicationName=name)
    assert caught.value.name == 'ResourceInUseException'
    wait_for_status(client, name, 'RUNNING')
    client.call('StopApplication', ApplicationName=name, Force=True)
    wait_for_status(client, name, 'READY')
    with pytest.raises(ClientError) as caught:
        client.call('DeleteApplication', ApplicationName=name, CreateTimestamp=1)
    assert caught.value.name == 'InvalidArgumentException'


def test_paging_names_the_next_application(service, client):
    for prefix in 'abc':
        service.post('CreateApplication', {'ApplicationName': 'page-' + prefix, 'RuntimeEnvironment': 'FLINK-1_20',
                                           'ServiceExecutionRole': ROLE})
    found, token = [], {}
    while True:
        page = client.list_applications(Limit=1, **token)
        assert len(page['ApplicationSummaries']) == 1
        found += [s['ApplicationName'] for s in page['ApplicationSummaries']]
        if 'NextToken' not in page:
            break
        token = {'NextToken': page['NextToken']}
    assert found == sorted(found) and {'page-a', 'page-b', 'page-c'} <= set(found)
