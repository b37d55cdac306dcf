"""Glue's Data Catalog with boto3: databases, tables, pages, and the version by which two writers notice each other."""
import itertools

import pytest
from botocore.exceptions import ClientError

names = (f'database_{number}' for number in itertools.count(1))


@pytest.fixture(name='glue')
def fixture_glue(service):
    return service.client('glue')


@pytest.fixture(name='database')
def fixture_database(glue):
    name = next(names)
    glue.create_database(DatabaseInput={'Name': name, 'Description': 'orders', 'LocationUri': 's3://b/orders'})
    yield name
    glue.delete_database(Name=name)


def refusal(call, **arguments):
    with pytest.raises(ClientError) as caught:
        call(**arguments)
    return caught.value.response['Error']['Code']


def table_input(name='t', **parameters):
    return {'Name': name, 'TableType': 'EXTERNAL_TABLE', 'Parameters': parameters,
            'StorageDescriptor': {'Location': 's3://b/t', 'Columns': [{'Name': 'id', 'Type': 'bigint'}]}}


def test_a_database_comes_back_as_it_was_made(glue, database):
    found = glue.get_database(Name=database.upper())['Database']
    assert (found['Name'], found['Description'], found['LocationUri']) == (database, 'orders', 's3://b/orders')
    assert found['CatalogId'] == '000000000000' and found['CreateTime'].year >= 2024
    assert database in [entry['Name'] for entry in glue.get_databases()['DatabaseList']]
    glue.update_database(Name=database, DatabaseInput={'Name': database, 'Description': 'new'})
    assert glue.get_database(Name=database)['Database']['Description'] == 'new'


def test_a_table_comes_back_with_its_version(glue, database):
    glue.create_table(DatabaseName=database, TableInput=table_input('Orders', metadata_location='s3://b/1.json'))
    table = glue.get_table(DatabaseName=database, Name='orders')['Table']
    assert (table['Name'], table['DatabaseName'], table['VersionId']) == ('orders', database, '0')
    assert table['Parameters'] == {'metadata_location': 's3://b/1.json'}
    assert table['StorageDescriptor']['Columns'] == [{'Name': 'id', 'Type': 'bigint'}]


def test_of_two_writers_one_wins(glue, database):
    glue.create_table(DatabaseName=database, TableInput=table_input(metadata_location='s3://b/1.json'))
    glue.update_table(DatabaseName=database, TableInput=table_input(metadata_location='s3://b/2.json'), VersionId='0',
                      SkipArchive=True)
    code = refusal(glue.update_table, DatabaseName=database, TableInput=table_input(metadata_location='s3://b/x.json'),
                   VersionId='0')
    assert code == 'ConcurrentModificationException'
    table = glue.get_table(DatabaseName=database, Name='t')['Table']
    assert (table['VersionId'], table['Parameters']['metadata_location']) == ('1', 's3://b/2.json')


def test_lists_tables_by_pages_and_by_expression(glue, database):
    for number in range(7):
        glue.create_table(DatabaseName=database, TableInput=table_input(f'table_{number}'))
    pages = list(glue.get_paginator('get_tables').paginate(DatabaseName=database, PaginationConfig={'PageSize': 3}))
    assert [len(page['TableList']) for page in pages] == [3, 3, 1]
    found = glue.get_tables(DatabaseName=database, Expression='table_*')['TableList']
    assert len(found) == 7
    assert [t['Name'] for t in glue.get_tables(DatabaseName=database, Expression='*_4')['TableList']] == ['table_4']


def test_says_what_is_not_there_or_is_already(glue, database):
    assert refusal(glue.get_database, Name='none') == 'EntityNotFoundException'
    assert refusal(glue.get_table, DatabaseName=database, Name='none') == 'EntityNotFoundException'
    assert refusal(glue.create_table, DatabaseName='none', TableInput=table_input()) == 'EntityNotFoundException'
    assert refusal(glue.create_database, DatabaseInput={'Name': database}) == 'AlreadyExistsException'
    glue.create_table(DatabaseName=database, TableInput=table_input())
    assert refusal(glue.create_table, DatabaseName=database, TableInput=table_input()) == 'AlreadyExistsException'


def test_a_table_or_a_whole_database_goes(glue):
    name = next(names)
    glue.create_database(DatabaseInput={'Name': name})
    for table in ('a', 'b'):
        glue.create_table(DatabaseName=name, TableInput=table_input(table))
    glue.delete_table(DatabaseName=name, Name='a')
    assert refusal(glue.delete_table, DatabaseName=name, Name='a') == 'EntityNotFoundException'
    glue.delete_database(Name=name)
    glue.create_database(DatabaseInput={'Name': name})
    assert glue.get_tables(DatabaseName=name)['TableList'] == []
    glue.delete_database(Name=name)


def test_what_is_not_built_says_so(glue):
    assert refusal(glue.create_registry, RegistryName='r') in ('UnknownOperationException', 'UnsupportedOperation')
