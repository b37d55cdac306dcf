"""A JobManager whose REST API hangs or answers nonsense: one job at any time, and nothing lost."""
import os
import socket
import threading

import pytest
from flink_service import JOB_MANAGER, Ledger, wait_for


class FalseRest:
    """Takes the place of a run's rest.sock, until closed. Each connection gets `answer`, or nothing at all."""

    def __init__(self, run, answer):
        self.path = os.path.join(run, 'rest.sock')
        self.answer = answer
        self.asked = 0
        self.held = []
        os.rename(self.path, self.path + '.true')
        folder = os.open(run, os.O_DIRECTORY)
        self.listener = socket.socket(socket.AF_UNIX)
        self.listener.bind(f'/proc/self/fd/{folder}/rest.sock')
        os.close(folder)
        self.listener.listen()
        threading.Thread(target=self.serve, daemon=True).start()

    def serve(self):
        while True:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            self.asked += 1
            self.held.append(connection)
            if self.answer:
                connection.recv(65536)
                connection.sendall(self.answer)
                connection.close()

    def close(self):
        os.rename(self.path, self.path + '.false')
        if os.path.exists(self.path + '.true'):
            os.rename(self.path + '.true', self.path)
        self.listener.close()
        for connection in self.held:
            connection.close()


@pytest.mark.parametrize('answer', [
    None,
    b'HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{"jobs":[',
    b'\x00\x01nonsense',
], ids=['hangs', 'half a document', 'no HTTP'])
def test_false_answers_start_no_second_job(service, answer):
    ledger = Ledger(service, checkpoint_interval_ms=500)
    service.run(ledger.name)
    ledger.feed()
    ledger.await_all()
    (run,) = service.run_directories()
    false = FalseRest(run, answer)
    wait_for('questions to the false REST API', lambda: false.asked >= 3)
    assert len(service.java(JOB_MANAGER)) <= 1
    ledger.feed()
    false.close()
    ledger.await_all()
    wait_for('one JobManager', lambda: len(service.java(JOB_MANAGER)) == 1)
    assert service.snapshot(ledger.name, 'after') == 'READY'
    assert service.status(ledger.name) == 'RUNNING'
