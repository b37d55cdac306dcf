"""What each example needs and how its results are judged. One entry an example; those without one are only built.

A recipe's `properties` changes what the example's development file says; `prepare` makes what it reads and writes;
`count` answers how many right results there are so far, and raises Wrong for one that is not right; `feed` sends more
input where the example has no generator of its own.
"""
import json
import re
from dataclasses import dataclass, field
from typing import Callable

PENDING = 'bytes of JSON in S3, in parts that the program publishes after half an hour'
STREAM_IN, STREAM_OUT = 'compat-in', 'compat-out'


class Wrong(Exception):
    """A result that is not as it should be."""


@dataclass
class Recipe:
    """See above. `missing` names a service that is not ours: then nothing is started."""
    properties: Callable = lambda run, groups: None
    prepare: Callable = lambda run: None
    feed: Callable = lambda run: None
    count: Callable = None
    needs: tuple = ()                   # 'kafka', 'postgres'
    missing: str = ''
    runtime: str = 'FLINK-1_20'
    what: str = ''                      # what the results are, for the table
    settings: dict = field(default_factory=dict)


# ---- S3 ------------------------------------------------------------------------------------------

def bucket_of(run):
    return f'compat-{run.short}'


def make_bucket(run):
    run.client('s3').create_bucket(Bucket=bucket_of(run))


def objects(run, bucket=None):
    """(key, bytes) of all objects that are results: no marker and nothing hidden."""
    s3 = run.client('s3')
    for page in s3.get_paginator('list_objects_v2').paginate(Bucket=bucket or bucket_of(run)):
        for item in page.get('Contents', []):
            name = item['Key'].rsplit('/', 1)[-1]
            if item['Size'] > 0 and not name.startswith(('_', '.')):
                yield item['Key'], s3.get_object(Bucket=bucket or bucket_of(run), Key=item['Key'])['Body'].read()


def json_lines(*members):
    def count(run):
        total = 0
        for key, data in objects(run):
            for line in data.decode().splitlines():
                total += 1
                check_json(line, members, key)
        return total
    return count


def check_json(text, members, where):
    try:
        value = json.loads(text)
    except ValueError:
        raise Wrong(f'no JSON in {where}: {text[:80]}') from None
    absent = [name for name in members if value.get(name) is None]
    if absent:
        raise Wrong(f'no {absent[0]} in {where}: {text[:80]}')


def files_like(begin, end=b''):
    def count(run):
        total = 0
        for key, data in objects(run):
            if not data.startswith(begin) or not data.endswith(end):
                raise Wrong(f'{key} is no such file')
            total += 1
        return total
    return count


def pending_bytes(*members):
    """What SQL's file sink has in hand: it publishes a part of JSON after half an hour or 128 MB. Until then its bytes
    are in parts of uploads, and at each checkpoint the rest of them in an object of its own."""
    def count(run):
        s3, bucket, total, rests = run.client('s3'), bucket_of(run), 0, {}
        for upload in s3.list_multipart_uploads(Bucket=bucket).get('Uploads', []):
            parts = s3.list_parts(Bucket=bucket, Key=upload['Key'], UploadId=upload['UploadId']).get('Parts', [])
            total += sum(part['Size'] for part in parts)
        for page in s3.get_paginator('list_objects_v2').paginate(Bucket=bucket):
            for item in page.get('Contents', []):
                name, is_rest, _ = item['Key'].partition('_tmp_')
                if is_rest and item['LastModified'] >= rests.get(name, item)['LastModified']:
                    rests[name] = item
        for item in rests.values():
            lines = s3.get_object(Bucket=bucket, Key=item['Key'])['Body'].read().decode().splitlines()
            for line in lines[1:-1]:  # a rest begins and ends anywhere
                check_json(line, members, item['Key'])
            total += item['Size']
        return total
    return count


def set_bucket(group, name):
    def change(run, groups):
        groups[group][name] = bucket_of(run)
    return change


def make_warehouse(run):
    """The README asks for a database in Glue and a bucket."""
    make_bucket(run)
    glue = run.client('glue')
    if 'compat' not in [database['Name'] for database in glue.get_databases()['DatabaseList']]:
        glue.create_database(DatabaseInput={'Name': 'compat'})


def set_warehouse(table):
    def change(run, groups):
        groups['Iceberg'].update({'bucket.prefix': f's3://{bucket_of(run)}/iceberg', 'catalog.db': 'compat',
                                  'catalog.table': table})
    return change


def count_iceberg(table):
    """The rows that the newest snapshot of the table says it has; its data files must be there."""
    def count(run):
        glue, s3 = run.client('glue'), run.client('s3')
        try:
            place = glue.get_table(DatabaseName='compat', Name=table)['Table']['Parameters']['metadata_location']
        except glue.exceptions.EntityNotFoundException:
            return 0
        bucket, _, key = place.removeprefix('s3://').partition('/')
        metadata = json.loads(s3.get_object(Bucket=bucket, Key=key)['Body'].read())
        newest = metadata.get('current-snapshot-id')
        for snapshot in metadata.get('snapshots', []):
            if snapshot['snapshot-id'] == newest:
                return int(snapshot['summary']['total-records'])
        return 0
    return count


# ---- Kinesis -------------------------------------------------------------------------------------

def make_streams(run):
    kinesis = run.client('kinesis')
    for name in (STREAM_IN, STREAM_OUT):
        stream = f'{name}-{run.short}'
        kinesis.create_stream(StreamName=stream, ShardCount=1)
        kinesis.get_waiter('stream_exists').wait(StreamName=stream, WaiterConfig={'Delay': 1, 'MaxAttempts': 60})


def feed_stocks(run):
    run.load('--stream', f'{STREAM_IN}-{run.short}', '--count', '200', '--rate', '100')


def records(run):
    """What the stream gave so far: at most some thousand more at each call, since a generator may outrun any reader."""
    kinesis = run.client('kinesis')
    if not run.cursors:
        move_to(run, 'TRIM_HORIZON')
    for shard, iterator in list(run.cursors.items()):
        for _ in range(5):
            if not iterator:
                break
            answer = kinesis.get_records(ShardIterator=iterator, Limit=1000)
            run.texts += [record['Data'].decode() for record in answer['Records']]
            iterator = answer.get('NextShardIterator')
            if not answer['Records'] and answer.get('MillisBehindLatest', 0) == 0:
                break
        run.cursors[shard] = iterator
    return run.texts


def move_to(run, place):
    """Where reading goes on; at LATEST, what is counted from now on has come from now on."""
    kinesis = run.client('kinesis')
    if run.output_stream not in kinesis.list_streams()['StreamNames']:
        return
    for shard in kinesis.list_shards(StreamName=run.output_stream)['Shards']:
        run.cursors[shard['ShardId']] = kinesis.get_shard_iterator(
            StreamName=run.output_stream, ShardId=shard['ShardId'], ShardIteratorType=place)['ShardIterator']


def json_records(*members):
    def count(run):
        total = 0
        for text in records(run):
            check_json(text, members, 'the stream')
            total += 1
        return total
    return count


def lines_like(pattern):
    """Records that are text; some end with a line break."""
    def count(run):
        total = 0
        for text in records(run):
            if not re.fullmatch(pattern, text.strip()):
                raise Wrong(f'a record of the stream: {text[:80]}')
            total += 1
        return total
    return count


def set_streams(run, groups):
    """Whatever the groups call them: names and ARNs of the two streams."""
    for group, values in groups.items():
        for key, value in values.items():
            for name in (STREAM_IN, STREAM_OUT):
                is_input = name == STREAM_IN
                if ('nput' in group or 'onsumer' in group or 'ource' in group) != is_input:
                    continue
                if re.fullmatch(r'.*stream\.arn', key):
                    values[key] = f'arn:aws:kinesis:us-east-1:000000000000:stream/{name}-{run.short}'
                elif re.fullmatch(r'.*stream\.name', key):
                    values[key] = f'{name}-{run.short}'
                elif key == 'aws.region' or value == 'us-west-2':
                    values[key] = 'us-east-1'


def copy_a_file(bucket):
    """One more file for a source that watches a bucket."""
    def feed(run):
        s3 = run.client('s3')
        keys = [item['Key'] for item in s3.list_objects_v2(Bucket=bucket).get('Contents', [])]
        if not keys:
            raise Wrong(f'{bucket} is empty: the example that fills it has to run first')
        folder, _, name = keys[0].rpartition('/')
        s3.copy_object(Bucket=bucket, Key=f'{folder}/more-{len(keys)}-{name}',
                       CopySource={'Bucket': bucket, 'Key': keys[0]})
    return feed


def set_source_bucket(bucket):
    """Reads what another example has written."""
    def change(run, groups):
        set_streams(run, groups)
        groups['InputBucket']['bucket.name'] = bucket
    return change


# ---- Kafka, PostgreSQL, SQS, Firehose --------------------------------------------------------------

def stock_line(number):
    """As the example's class spells it for the Jackson in Flink, which does not see its annotation `event_time`."""
    return json.dumps({'eventTime': '2026-01-02T03:04:05.678', 'ticker': 'AMZN', 'price': float(number % 100)})


def feed_kafka(run):
    run.kafka.produce(f'stock-prices-{run.short}', [stock_line(number) for number in range(200)])


def set_kafka(port):
    def change(run, groups):
        for values in groups.values():
            if 'bootstrap.servers' in values:
                values['bootstrap.servers'] = f'localhost:{getattr(run.kafka, port)}'
            if 'topic' in values:
                values['topic'] += f'-{run.short}'
        run.host_port(groups, getattr(run.kafka, port))
    return change


def topic_lines(topic, *members):
    def count(run):
        lines = run.kafka.lines(f'{topic}-{run.short}')
        for line in lines:
            check_json(line, members, topic)
        return len(lines)
    return count


def make_secret(run):
    secret = {'username': run.kafka.USER, 'password': run.kafka.PASSWORD}
    run.client('secretsmanager').create_secret(Name='AmazonMSK_myCredentials', SecretString=json.dumps(secret))


def set_database(run, groups):
    groups['JdbcSink']['url'] = f'jdbc:postgresql://127.0.0.1:{run.postgres.port}/testdb'
    run.host_port(groups, run.postgres.port)


def make_prices(run):
    run.postgres.query('CREATE TABLE IF NOT EXISTS prices (symbol VARCHAR(10) PRIMARY KEY, timestamp TIMESTAMP '
                       'NOT NULL, price DECIMAL(10,2) NOT NULL)')


def count_prices(run):
    """An upsert has no more rows than symbols; transactions grow with every batch."""
    if int(run.postgres.query('SELECT count(*) FROM prices WHERE price <= 0')) > 0:
        raise Wrong('a price that is not positive')
    return int(run.postgres.query("SELECT coalesce(sum(n_tup_ins + n_tup_upd), 0) FROM pg_stat_user_tables "
                                  "WHERE relname = 'prices'"))


def make_queue(run):
    run.queue = run.client('sqs').create_queue(QueueName=f'compat-{run.short}')['QueueUrl']
    run.received = 0


def set_queue(run, groups):
    # The manifest of this JAR names a source file where its main class should be.
    groups['raudal.run.options'] = {'class': 'com.amazonaws.services.msf.SQSStreamingJob'}
    groups['OutputQueue0']['sqs-url'] = f'https://sqs.us-east-1.amazonaws.com/000000000000/compat-{run.short}'


def count_messages(run):
    for _ in range(10):
        messages = run.client('sqs').receive_message(QueueUrl=run.queue, MaxNumberOfMessages=10).get('Messages', [])
        for message in messages:
            check_json(message['Body'], ('price',), 'the queue')
            run.client('sqs').delete_message(QueueUrl=run.queue, ReceiptHandle=message['ReceiptHandle'])
        run.received += len(messages)
        if not messages:
            break
    return run.received


def make_delivery_stream(run):
    make_bucket(run)
    destination = {'RoleARN': run.role, 'BucketARN': f'arn:aws:s3:::{bucket_of(run)}',
                   'BufferingHints': {'IntervalInSeconds': 60, 'SizeInMBs': 1}}
    run.client('firehose').create_delivery_stream(DeliveryStreamName=f'compat-{run.short}',
                                                  ExtendedS3DestinationConfiguration=destination)


def set_delivery_stream(group):
    def change(run, groups):
        groups[group]['stream.name'] = f'compat-{run.short}'
    return change


def count_delivered(run):
    """Firehose puts records one behind the other; JSON objects of SQL have no line ends between them."""
    total = 0
    for key, data in objects(run):
        for text in data.decode().replace('}{', '}\n{').splitlines():
            check_json(text, (), key)
            total += 1
    return total


# ---- the table -------------------------------------------------------------------------------------

RECIPES = {
    'java/S3Sink': Recipe(prepare=make_bucket, properties=set_bucket('bucket', 'name'),
                          count=json_lines('price'), what='lines of JSON in S3'),
    'java/S3AvroSink': Recipe(prepare=make_bucket, properties=set_bucket('OutputBucket', 'bucket.name'),
                              count=files_like(b'Obj\x01'), what='Avro files in S3'),
    'java/S3ParquetSink': Recipe(prepare=make_bucket, properties=set_bucket('OutputBucket', 'bucket.name'),
                                 count=files_like(b'PAR1', b'PAR1'), what='Parquet files in S3'),
    'java/GettingStartedTable': Recipe(prepare=make_bucket, properties=set_bucket('bucket', 'name'),
                                       count=pending_bytes('price', 'ticker'), what=PENDING),
    'python/S3Sink': Recipe(prepare=make_bucket, properties=set_bucket('bucket', 'name'),
                            count=pending_bytes('temperature'), what=PENDING),
    'java/SQSSink': Recipe(prepare=make_queue, properties=set_queue, count=count_messages,
                           what='messages in SQS; started with `class`, since its manifest names a source file'),
    'python/FirehoseSink': Recipe(prepare=make_delivery_stream, properties=set_delivery_stream('OutputDeliveryStream0'),
                                  count=count_delivered, what='records that Firehose delivered to S3'),
    'java/KinesisFirehoseSink': Recipe(
        prepare=make_delivery_stream, properties=set_delivery_stream('OutputStream0'), count=count_delivered,
        what='records that Firehose delivered to S3'),
    'java/JdbcSink': Recipe(needs=('postgres',), prepare=make_prices, properties=set_database, count=count_prices,
                            what='rows written to PostgreSQL'),
    'java/KafkaConnectors': Recipe(
        needs=('kafka',), prepare=feed_kafka, feed=feed_kafka, properties=set_kafka('plain'),
        count=topic_lines('stock-prices-out', 'ticker', 'price'),
        what='records copied from topic to topic'),
    'java/FetchSecrets': Recipe(needs=('kafka',), prepare=make_secret, properties=set_kafka('tls'),
                                count=topic_lines('stock-prices', 'symbol', 'price'),
                                what='records in Kafka over TLS, with the password of a secret'),
    'java/GettingStarted': Recipe(prepare=make_streams, properties=set_streams, count=json_records('price'),
                                  feed=feed_stocks, runtime='FLINK-2_2', what='records in Kinesis'),
    'java/KinesisConnectors': Recipe(prepare=make_streams, properties=set_streams, feed=feed_stocks,
                                     count=json_records('price'), what='records in Kinesis'),
    'scala/GettingStarted': Recipe(prepare=make_streams, properties=set_streams, feed=feed_stocks,
                                   count=json_records('price'), what='records in Kinesis'),
    'java/CustomMetrics': Recipe(prepare=make_streams, properties=set_streams, count=lines_like(r'[^,]+,[\d.]+'),
                                 what='records in Kinesis'),
    'java/SideOutputs': Recipe(prepare=make_streams, properties=set_streams, count=lines_like(r'.+'),
                               what='records in Kinesis'),
    'java/Windowing': Recipe(prepare=make_streams, properties=set_streams, count=lines_like(r'\w+,[\d.]+,.+'),
                             what='results of four kinds of windows in Kinesis'),
    'java/Serialization/CustomTypeInfo': Recipe(prepare=make_streams, properties=set_streams, count=json_records(),
                                                what='records in Kinesis'),
    'java/FlinkDataGenerator': Recipe(needs=('kafka',), properties=set_kafka('plain'),
                                      count=topic_lines('stock-prices', 'price'), what='records in Kafka'),
    'java/KinesisSourceDeaggregation/flink-app': Recipe(
        prepare=make_streams, properties=set_streams, feed=feed_stocks, count=json_records('price'),
        what='records in Kinesis'),
    'java/S3AvroSource': Recipe(prepare=make_streams, properties=set_source_bucket('compat-s3avrosink'),
                                feed=copy_a_file('compat-s3avrosink'),
                                count=json_records('price'), what='records of Avro files in Kinesis'),
    'java/S3ParquetSource': Recipe(prepare=make_streams, properties=set_source_bucket('compat-s3parquetsink'),
                                   feed=copy_a_file('compat-s3parquetsink'),
                                   count=json_records('price'), what='records of Parquet files in Kinesis'),
    'python/UDF': Recipe(prepare=make_streams, properties=set_streams, count=json_records('temperature_f'),
                         what='records in Kinesis, through a Python function'),
    'python/Windowing': Recipe(prepare=make_streams, properties=set_streams, count=json_records('avg_temp'),
                               what='results of four windows in Kinesis'),
    'java/AsyncIO': Recipe(missing='needs API Gateway and Lambda'),
    'python/GettingStarted': Recipe(
        missing='missing: `org.apache.flink:flink-connector-aws-kinesis-streams:5.0.0-1.20`, for stream.arn in SQL'),
    'python/PackagedPythonDependencies': Recipe(missing='its README asks to put Python packages beside it first'),
    'python/PythonDependencies': Recipe(missing='needs Bedrock'),
    'java/Iceberg/IcebergDataStreamSink': Recipe(
        prepare=make_warehouse, properties=set_warehouse('stream_prices'), count=count_iceberg('stream_prices'),
        what='rows in an Iceberg table on S3, its catalog in Glue'),
    'java/Iceberg/IcebergSQLSink': Recipe(
        prepare=make_warehouse, properties=set_warehouse('sqlsink_prices'), count=count_iceberg('sqlsink_prices'),
        what='rows in an Iceberg table on S3, its catalog in Glue'),
    'java/Iceberg/IcebergDataStreamSource': Recipe(
        missing='prints the rows of a table; the sink shows the same catalog and files'),
}
