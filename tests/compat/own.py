"""What the applications of examples/ should do, and how one is run as its README says."""
import json
import os

import peers
import recipes
import trial
from recipes import Recipe, Wrong, check_json, lines_like, objects

INPUT, OUTPUT = 'ExampleInputStream', 'ExampleOutputStream'


def fresh(run):
    """Empty streams and buckets, as after the common steps of the README."""
    kinesis = run.client('kinesis')
    for stream in kinesis.list_streams()['StreamNames']:
        kinesis.delete_stream(StreamName=stream, EnforceConsumerDeletion=True)
    for stream in (INPUT, OUTPUT):
        kinesis.create_stream(StreamName=stream, ShardCount=1)
    s3 = run.client('s3')
    names = [bucket['Name'] for bucket in s3.list_buckets()['Buckets']]
    for bucket in ('example-code', 'example-data'):
        if bucket not in names:
            s3.create_bucket(Bucket=bucket)


def feed(run):
    run.load('--stream', INPUT, '--template', 'stock-ticker', '--rate', '100', '--count', '300')


def feed_lines(run):
    number = getattr(run, 'sent', 0)
    run.sent = number + 200
    run.kafka.produce(run.topics[0], [f'line {i}' for i in range(number, run.sent)])


def count_lines(run):
    """Those that a reader of committed records sees; each once, in order."""
    lines = run.kafka.lines(run.topics[1])
    if lines != [f'line {i}' for i in range(len(lines))]:
        raise Wrong(f'not the lines that were sent: {lines[-3:]}')
    return len(lines)


def count_in_bucket(run):
    """The records that the windows' lines count."""
    total = 0
    for key, data in objects(run, 'example-data'):
        for line in data.decode().splitlines():
            words = line.split()
            if len(words) != 3 or words[1] != 'count:':
                raise Wrong(f'{key}: {line}')
            total += int(words[2])
    return total


def stock_records(suffix=''):
    def count(run):
        total = 0
        for text in recipes.records(run):
            if not text.endswith(suffix):
                raise Wrong(f'does not end with {suffix!r}: {text}')
            check_json(text[:len(text) - len(suffix)], ('event_time', 'ticker', 'price'), OUTPUT)
            total += 1
        return total
    return count


def json_windows(run):
    total = 0
    for text in recipes.records(run):
        check_json(text, ('ticker', 'price', 'window_end'), OUTPUT)
        total += 1
    return total


OWN = {
    'kinesis-passthrough': Recipe(prepare=fresh, feed=feed, count=stock_records(), what='records copied'),
    'tumbling-window': Recipe(prepare=fresh, feed=feed, count=lines_like(r'[A-Z]+,\d+'), what='counts'),
    'scala-tumbling-window': Recipe(prepare=fresh, feed=feed, count=lines_like(r'[A-Z]+,\d+'), what='counts'),
    'sliding-window': Recipe(prepare=fresh, feed=feed, count=lines_like(r'[A-Z]+,\d+\.\d\d'), what='lowest prices'),
    's3-sink': Recipe(prepare=fresh, feed=feed, count=count_in_bucket, what='records counted in S3'),
    'efo-consumer': Recipe(prepare=fresh, feed=feed, count=stock_records(': processed by basic EFO app\n'),
                           what='records through enhanced fan-out'),
    'custom-metrics': Recipe(prepare=fresh, feed=feed, count=lines_like(r'\w+'), what='words'),
    'kafka-replication': Recipe(needs=('kafka',), prepare=fresh, feed=feed_lines, count=count_lines,
                                what='records copied from topic to topic'),
    'pyflink-windows': Recipe(prepare=fresh, feed=feed, count=json_windows, what='lowest prices of windows'),
}


class OwnRun(trial.Run):
    """An example of ours: its create.json as it is, but for the port of this run's Kafka."""

    def __init__(self, world, example, recipe, request):
        super().__init__(world, example, recipe)
        self.request = request
        self.application = request['ApplicationName']
        self.output_stream = OUTPUT
        self.topics = ('AWSKafkaTutorialTopic', 'AWSKafkaTutorialTopicDestination')

    def create(self, package):
        self.client('s3').upload_file(package, 'example-code', os.path.basename(package))
        text = json.dumps(self.request)
        if self.recipe.needs:
            text = text.replace('9092', str(self.kafka.plain))
            feed_lines(self)  # the topic must be there before the job
        self.api.create_application(**json.loads(text))


def run_one(world, name, folder, request):
    example = trial.builds.Example(f'examples/{name}', folder)
    recipe = OWN[name]
    package = os.path.join(folder, 'target', f'{name}.zip' if name.startswith('pyflink') else f'{name}.jar')
    try:
        return trial.Row(name, 'ran', OwnRun(world, example, recipe, request).live(package))
    except peers.Missing as missing:
        return trial.Row(name, 'left out', str(missing))
    except Exception as problem:  # pylint: disable=broad-except  # a table has a row for everything
        return trial.Row(name, 'FAILED', ' '.join(f'{type(problem).__name__}: {problem}'.split())[:400])
