"""A job that fails over and over: the service's own log says so, and where to read on."""
import pipeline
import service


def test_row_that_does_not_decode_is_told_once_and_the_job_heals(tmp_path):
    server = service.Service(tmp_path)
    server.start()
    try:
        line = pipeline.Pipeline(server)
        server.start_application(line.name)
        server.await_status(line.name, 'RUNNING')
        line.feed()
        line.await_copies()
        line.write(['not json'])
        service.wait_for('the failure to be told', lambda: 'fails and restarts' in server.log_text())
        (told,) = [text for text in server.log_text().splitlines() if 'fails and restarts' in text]
        assert 'not json' in told and 'worker.log' in told
        assert server.status(line.name) == 'RUNNING'
        line.check_copies()
    finally:
        server.close()
