"""The life of a JAR: start, snapshot, restore of all three types, update of code, properties and parallelism, end."""
import json

import flink_service
from flink_service import Ledger, wait_for


def test_state_goes_through_stop_start_update_and_restore(service):
    ledger = Ledger(service, checkpoint_interval_ms=500)
    service.run(ledger.name)
    ledger.feed()
    ledger.await_all()
    assert service.snapshot(ledger.name, 'first') == 'READY'

    # Stop takes a snapshot of its own; start goes on from it.
    service.flink.stop_application(ApplicationName=ledger.name)
    service.await_status(ledger.name, 'READY')
    assert not service.java(), 'a stopped application has no processes'
    ledger.feed()
    service.run(ledger.name)
    ledger.await_all()

    # New properties: the job goes on with its state under a new version.
    done = service.await_operation(ledger.name, service.update(
        ledger.name, ApplicationConfigurationUpdate={'EnvironmentPropertyUpdates': {'PropertyGroups': [
            {'PropertyGroupId': 'raudal.run.options', 'PropertyMap': {'class': 'raudal.programs.Ledger'}},
            {'PropertyGroupId': 'Ledger', 'PropertyMap': ledger.settings(suffix=',second')}]}}))
    assert done['OperationStatus'] == 'SUCCESSFUL', done
    ledger.feed()
    ledger.await_all()
    assert any(line.endswith(',second') for line in ledger.lines())

    # Twice the parallelism.
    done = service.await_operation(ledger.name, service.update(
        ledger.name, ApplicationConfigurationUpdate={'FlinkApplicationConfigurationUpdate': {
            'ParallelismConfigurationUpdate': {'ConfigurationTypeUpdate': 'CUSTOM', 'ParallelismUpdate': 2}}}))
    assert done['OperationStatus'] == 'SUCCESSFUL', done
    ledger.feed()
    ledger.await_all()
    wait_for('two TaskManagers', lambda: len(service.java(flink_service.TASK_MANAGER)) == 2)

    # From a named snapshot: what came after it is counted anew, so the output doubles, and only that.
    service.flink.stop_application(ApplicationName=ledger.name, Force=True)
    service.await_status(ledger.name, 'READY')
    before = len(ledger.lines())
    service.run(ledger.name, restore='RESTORE_FROM_CUSTOM_SNAPSHOT', snapshot='first')
    wait_for('the rows after the snapshot once more', lambda: len(ledger.lines()) >= before + 150)
    assert len(ledger.lines()) == before + 150

    # Without state: everything once more.
    service.flink.stop_application(ApplicationName=ledger.name, Force=True)
    service.await_status(ledger.name, 'READY')
    before = len(ledger.lines())
    service.run(ledger.name, restore='SKIP_RESTORE_FROM_SNAPSHOT')
    wait_for('all rows once more', lambda: len(ledger.lines()) >= before + 200)

    created = service.describe(ledger.name)['CreateTimestamp']
    service.flink.delete_application(ApplicationName=ledger.name, CreateTimestamp=created)
    wait_for('no processes', lambda: not service.java())


def test_parallelism_alone_is_changed_in_place(service):
    ledger = Ledger(service, 'scaled', checkpoint_interval_ms=500, parallelism=2)
    service.run(ledger.name)
    ledger.feed()
    ledger.await_all()
    job_manager, runs = service.java(flink_service.JOB_MANAGER), service.run_directories()
    for parallelism in (3, 1):
        done = service.await_operation(ledger.name, service.update(
            ledger.name, ApplicationConfigurationUpdate={'FlinkApplicationConfigurationUpdate': {
                'ParallelismConfigurationUpdate': {'ConfigurationTypeUpdate': 'CUSTOM',
                                                   'ParallelismUpdate': parallelism}}}))
        assert done['OperationStatus'] == 'SUCCESSFUL', done
        assert service.java(flink_service.JOB_MANAGER) == job_manager, 'the run was restarted'
        assert service.run_directories() == runs
        ledger.feed()
        ledger.await_all()
        wait_for(f'{parallelism} TaskManagers',
                 lambda wanted=parallelism: len(service.java(flink_service.TASK_MANAGER)) == wanted, 120)
    assert list(service.snapshots(ledger.name).values()) == ['READY', 'READY']

    # A successor of the cluster has the new parallelism and all of the state.
    service.kill_java(flink_service.JOB_MANAGER)
    ledger.feed()
    ledger.await_all()
    assert len(service.java(flink_service.TASK_MANAGER)) == 1
    assert service.run_directories() == runs


def test_batch_job_ends_and_the_application_is_ready(service):
    service.create('ends', 'raudal.programs.Faults$Ends')
    service.start_application('ends')
    wait_for('a start', lambda: service.status('ends') != 'READY')
    service.await_status('ends', 'READY')
    wait_for('no processes', lambda: not service.java())


def test_logs_are_in_the_envelope_of_the_guide(service):
    ledger = Ledger(service)
    service.run(ledger.name)
    lines = [line for line in service.logs().splitlines() if line.startswith('{')]
    records = [json.loads(line) for line in lines]
    from_flink = [record for record in records if record['logger'].startswith('org.apache.flink')]
    assert any('switched from INITIALIZING to RUNNING' in record['message'] for record in from_flink)
    for record in from_flink:
        assert record['applicationARN'].endswith(':application/' + ledger.name)
        assert record['applicationVersionId'] == '1'
        assert record['messageSchemaVersion'] == '1'
        assert record['messageType'] in ('INFO', 'WARN', 'ERROR', 'DEBUG')
        assert record['threadName'] and record['locationInformation']


def test_enhanced_fan_out_reads_all(service):
    ledger = Ledger(service, 'fan', create=False)
    service.kinesis.create_stream(StreamName=ledger.stream, ShardCount=2)
    service.s3.create_bucket(Bucket=ledger.bucket)
    service.create(ledger.name, 'raudal.programs.Ledger', {'Ledger': ledger.settings(efo='ledger-consumer')})
    service.run(ledger.name)
    ledger.feed()
    ledger.await_all()
