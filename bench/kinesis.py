"""Records into and out of a Kinesis stream: puts in batches of 500, durable before each answer, then all read back.

The service has one core of its own; the clients send requests that were signed and built before the clock starts, so
that what is measured is the service. Every record is checked for when it is read: each once, in order, unchanged."""
import base64
import concurrent.futures
import hashlib
import http.client
import json
import os
import pathlib
import re
import sys
import tempfile
import time
import urllib.parse

import botocore.auth
import botocore.awsrequest
import botocore.credentials
import core

GATE_PER_S, BATCH, BYTES, WRITERS, SHARDS = 20_000, 500, 200, 2, 4
RECORDS = 400_000


def payload(number):
    """The bytes of record `number`: its number, and a filling that depends on it."""
    head = f'{number:012}'.encode()
    filling = hashlib.md5(head).hexdigest().encode()
    return (head + filling * (BYTES // len(filling) + 1))[:BYTES]


def signed(process, operation, body):
    headers = {'Content-Type': 'application/x-amz-json-1.1', 'X-Amz-Target': 'Kinesis_20131202.' + operation}
    request = botocore.awsrequest.AWSRequest('POST', process.endpoint + '/', headers=headers, data=body)
    keys = botocore.credentials.Credentials(*process.credentials())
    botocore.auth.SigV4Auth(keys, 'kinesis', 'us-east-1').add_auth(request)
    return body, dict(request.headers)


def connect(process):
    return http.client.HTTPConnection(urllib.parse.urlparse(process.endpoint).netloc, timeout=60)


def call(connection, request):
    body, headers = request
    connection.request('POST', '/', body=body, headers=headers)
    answer = connection.getresponse()
    text = answer.read()
    assert answer.status == 200, text
    return text


def put_batch(process, stream, first):
    records = [{'Data': base64.b64encode(payload(number)).decode(), 'PartitionKey': f'key-{number}'}
               for number in range(first, first + BATCH)]
    return signed(process, 'PutRecords', json.dumps({'StreamName': stream, 'Records': records}).encode())


def write(process, requests):
    connection = connect(process)
    for request in requests:
        text = call(connection, request)
        assert b'"FailedRecordCount":0' in text, text[:300]
    connection.close()


def read(process, kinesis, stream, shard):
    """The numbers in a shard, and the seconds that the calls took (checking them is not the service's time)."""
    where = kinesis.get_shard_iterator(StreamName=stream, ShardId=shard, ShardIteratorType='TRIM_HORIZON')
    where = where['ShardIterator']
    connection, numbers, seconds, calls = connect(process), [], 0.0, 0
    while True:
        request = signed(process, 'GetRecords', json.dumps({'ShardIterator': where, 'Limit': 10_000}).encode())
        begin = time.monotonic()
        text = call(connection, request)
        seconds += time.monotonic() - begin
        calls += 1
        answer = json.loads(text)
        for record in answer['Records']:
            data = base64.b64decode(record['Data'])
            number = int(data[:12])
            assert data == payload(number) and record['PartitionKey'] == f'key-{number}'
            numbers.append(number)
        where = answer['NextShardIterator']
        if answer['MillisBehindLatest'] == 0:
            return numbers, seconds, calls


def resident_mib(pid):
    with open(f'/proc/{pid}/status', encoding='utf-8') as file:
        return int(re.search(r'VmRSS:\s+(\d+)', file.read())[1]) / 1024


def measure(process):
    kinesis, stream, pid = process.client('kinesis'), 'bench', process.process.pid
    kinesis.create_stream(StreamName=stream, ShardCount=SHARDS)
    before = resident_mib(pid)
    for task in os.listdir(f'/proc/{pid}/task'):
        os.sched_setaffinity(int(task), {0})
    put_seconds = put_cpu = 0.0
    for first in range(0, RECORDS, RECORDS // 4):  # in parts, so that the prepared requests fit in memory
        requests = [put_batch(process, stream, number) for number in range(first, first + RECORDS // 4, BATCH)]
        begin, cpu = time.monotonic(), core.cpu_seconds(pid)
        with concurrent.futures.ThreadPoolExecutor(WRITERS) as pool:
            for done in [pool.submit(write, process, requests[part::WRITERS]) for part in range(WRITERS)]:
                done.result()
        put_seconds += time.monotonic() - begin
        put_cpu += core.cpu_seconds(pid) - cpu
    cpu, numbers, get_seconds, calls = core.cpu_seconds(pid), [], 0.0, 0
    for shard in kinesis.list_shards(StreamName=stream)['Shards']:
        found, seconds, number = read(process, kinesis, stream, shard['ShardId'])
        numbers += found
        get_seconds += seconds
        calls += number
    get_cpu = core.cpu_seconds(pid) - cpu
    assert sorted(numbers) == list(range(RECORDS)), 'each record is there once'
    checksum = hashlib.md5(b''.join(payload(number) for number in sorted(numbers))).hexdigest()
    return {'put_per_s': RECORDS / put_seconds, 'put_cpu_s': put_cpu, 'get_per_s': RECORDS / get_seconds,
            'get_cpu_s': get_cpu, 'get_calls': calls, 'idle_mib': before, 'mib': resident_mib(pid),
            'checksum': checksum}


def run(_options):
    os.environ.setdefault('RAUDAL_BIN', str(core.WORKER.parent))
    sys.path.insert(0, str(core.ROOT / 'tests'))
    import service_process  # pylint: disable=import-outside-toplevel
    with tempfile.TemporaryDirectory(dir=os.environ.get('RAUDAL_BENCH_DIR')) as folder:
        process = service_process.ServiceProcess(pathlib.Path(folder)).start()
        try:
            found = measure(process)
        finally:
            process.close()
    met = min(found['put_per_s'], found['get_per_s']) >= GATE_PER_S
    print(f'\nkinesis: {RECORDS} records of {BYTES} bytes, {SHARDS} shards, batches of {BATCH}, the service on one '
          'core\n'
          f'  in:  {found["put_per_s"]:8.0f} records/s, {found["put_cpu_s"]:.2f} CPU s, durable before the answer\n'
          f'  out: {found["get_per_s"]:8.0f} records/s, {found["get_cpu_s"]:.2f} CPU s, {found["get_calls"]} '
          'calls\n'
          f'  memory {found["idle_mib"]:.0f} MiB before, {found["mib"]:.0f} MiB after; MD5 '
          f'{found["checksum"]} over all\n'
          f'  the gate is {GATE_PER_S} records/s both ways: {"met" if met else "MISSED"}')
    return found, met
