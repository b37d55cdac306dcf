"""The lowest price of each ticker per window, by event time, from Kinesis to Kinesis.

The group `window` says which window: `kind` is `tumbling` (ten seconds) or `sliding` (ten seconds, every five).
A window ends when a record arrives that is five seconds younger than its end.
"""
import json

from pyflink.table import EnvironmentSettings, StreamTableEnvironment
from pyflink.table.expressions import call, col

from windows import make_window, to_text

PROPERTIES = '/etc/flink/application_properties.json'


def property_groups():
    with open(PROPERTIES, encoding='utf-8') as file:
        return {group['PropertyGroupId']: group['PropertyMap'] for group in json.load(file)}


def source_table(properties):
    return f"""
        CREATE TABLE quotes (
            ticker VARCHAR(6),
            price DOUBLE,
            event_time TIMESTAMP(3),
            WATERMARK FOR event_time AS event_time - INTERVAL '5' SECOND
        ) WITH (
            'connector' = 'kinesis',
            'stream' = '{properties.get("stream.name", "ExampleInputStream")}',
            'aws.region' = '{properties["aws.region"]}',
            'scan.stream.initpos' = '{properties.get("scan.stream.initpos", "LATEST")}',
            'format' = 'json',
            'json.timestamp-format.standard' = 'ISO-8601'
        )"""


def sink_table(properties):
    return f"""
        CREATE TABLE lowest (
            ticker VARCHAR(6),
            price DOUBLE,
            window_end VARCHAR(64)
        ) PARTITIONED BY (ticker) WITH (
            'connector' = 'kinesis',
            'stream' = '{properties.get("stream.name", "ExampleOutputStream")}',
            'aws.region' = '{properties["aws.region"]}',
            'format' = 'json'
        )"""


def main():
    groups = property_groups()
    tables = StreamTableEnvironment.create(environment_settings=EnvironmentSettings.in_streaming_mode())
    tables.create_temporary_system_function('to_text', to_text)
    tables.execute_sql(source_table(groups['consumer.config.0']))
    tables.execute_sql(sink_table(groups['producer.config.0']))

    window = make_window(groups.get('window', {}).get('kind', 'tumbling'))
    lowest = (tables.from_path('quotes')
              .window(window.on(col('event_time')).alias('w'))
              .group_by(col('ticker'), col('w'))
              .select(col('ticker'), col('price').min.alias('price'),
                      call('to_text', col('w').end).alias('window_end')))
    result = lowest.execute_insert('lowest')
    print(f'submitted as job {result.get_job_client().get_job_id()}')


if __name__ == '__main__':
    main()
