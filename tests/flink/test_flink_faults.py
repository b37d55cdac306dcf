"""Programs that go wrong: status, operation record and log say what happened, and no process stays behind."""
import io
import zipfile

import pytest
from flink_service import wait_for


@pytest.mark.parametrize('main_class, words', [
    ('NoJob', ['job']),
    ('Exits', ['exit']),
    ('ThrowsInMain', ['IllegalStateException', 'the moon is full']),
    ('WrongFlink', ['NoSuchMethodError', 'timeWindowAll']),
    ('Absent', ['raudal.programs.Faults$Absent']),
    ('TwoJobs', ['raudal.run.options', 'jobs', 'many']),
])
def test_start_fails_with_the_reason(service, main_class, words):
    service.create('faulty', 'raudal.programs.Faults$' + main_class)
    error = service.failure_of_start('faulty')
    for word in words:
        assert word.lower() in error.lower(), error
    wait_for('no processes', lambda: not service.java() and not service.processes(b'raudal-flink'))


def test_jar_without_main_class_is_refused(service, tmp_path):
    jar = tmp_path / 'empty.jar'
    with zipfile.ZipFile(jar, 'w') as archive:
        archive.writestr('META-INF/MANIFEST.MF', 'Manifest-Version: 1.0\n\n')
    service.create('empty', code=service.upload(str(jar)))
    error = service.failure_of_start('empty')
    assert 'Main-Class' in error


def test_package_that_is_no_archive_is_refused(service):
    service.s3.create_bucket(Bucket='code')
    service.s3.upload_fileobj(io.BytesIO(b'not a jar'), 'code', 'broken.jar')
    service.create('broken', code={'S3ContentLocation': {'BucketARN': 'arn:aws:s3:::code', 'FileKey': 'broken.jar'}})
    error = service.failure_of_start('broken')
    assert 'broken.jar' in error or 'archive' in error.lower() or 'unpack' in error.lower(), error


def test_job_that_fails_at_once_is_told(service):
    """Either it never got to run, and the start fails with the reason, or it runs and Flink restarts it for ever."""
    service.create('fails', 'raudal.programs.Faults$FailsAtOnce')
    operation = service.start_application('fails')
    wait_for('the reason in the logs', lambda: 'is cursed' in service.logs(), 180)
    wait_for('the reason in the service\'s log', lambda: 'is cursed' in service.log_text(), 180)
    done = service.await_operation('fails', operation)
    if done['OperationStatus'] == 'FAILED':
        assert 'is cursed' in done['OperationFailureDetails']['ErrorInfo']['ErrorString']
    else:
        assert service.status('fails') == 'RUNNING'
        service.flink.stop_application(ApplicationName='fails', Force=True)
    service.await_status('fails', 'READY')
    wait_for('no processes', lambda: not service.java())


def test_program_that_eats_its_memory_does_not_take_the_service_along(service):
    service.create('eats', 'raudal.programs.Faults$EatsMemory')
    service.start_application('eats')
    wait_for('the reason in the logs', lambda: 'OutOfMemoryError' in service.logs(), 180)
    assert service.alive()
    service.flink.stop_application(ApplicationName='eats', Force=True)
    service.await_status('eats', 'READY')


def test_many_jobs_run_without_snapshots(service):
    service.create('many', 'raudal.programs.Faults$TwoJobs', {'raudal.run.options': {'jobs': 'many'}})
    service.run('many')
    with pytest.raises(service.flink.exceptions.ClientError) as refused:
        service.flink.create_application_snapshot(ApplicationName='many', SnapshotName='s')
    assert 'many' in str(refused.value)
    service.flink.stop_application(ApplicationName='many', Force=True)
    service.await_status('many', 'READY')
