"""How the service is reached beside its port, and services that are answered elsewhere."""
import os
import socket
import stat
import subprocess
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from botocore.exceptions import ClientError

from service import RAUDAL


def curl(*words):
    done = subprocess.run(['curl', '-sS', '--max-time', '20', *words], capture_output=True, text=True, check=False)
    return done.stdout if done.returncode == 0 else done.stderr


def test_answers_on_unix_sockets_for_any_name(service):
    for name in ('service.sock', 'service.tls'):
        assert stat.S_IMODE(os.stat(os.path.join(service.data, name)).st_mode) == 0o600
    plain = os.path.join(service.data, 'service.sock')
    assert '"ok"' in curl('--unix-socket', plain, 'http://kinesis.us-east-1.amazonaws.com/health')
    tls = ['--unix-socket', os.path.join(service.data, 'service.tls')]
    trust = ['--cacert', os.path.join(service.data, 'ca', 'ca.pem')]
    for version in ('--http1.1', '--http2'):
        for host in ('kinesis.us-east-1.amazonaws.com', 'my.bucket.s3.us-east-1.amazonaws.com', 'localhost'):
            assert '"ok"' in curl(version, *tls, *trust, f'https://{host}/health')
    assert 'certificate' in curl(*tls, 'https://kinesis.us-east-1.amazonaws.com/health')


def test_speaks_tls_on_a_port_when_told_to(own_service):
    own_service.options = ['--tls-port', '0']
    own_service.start()
    line = next(line for line in own_service.log_text().splitlines() if 'speaks TLS at' in line)
    url = line.split('speaks TLS at ')[1].split()[0]
    trust = os.path.join(own_service.data, 'ca', 'ca.pem')
    s3 = own_service.session().client('s3', endpoint_url=url, verify=trust)
    s3.create_bucket(Bucket='over-tls')
    s3.put_object(Bucket='over-tls', Key='a', Body=b'x' * 1_000_000)
    assert s3.get_object(Bucket='over-tls', Key='a')['Body'].read() == b'x' * 1_000_000
    assert '"ok"' in curl('--cacert', trust, f'{url}/health')
    with pytest.raises(ClientError, match='ResourceNotFoundException'):
        own_service.session().client('kinesisanalyticsv2', endpoint_url=url, verify=trust).describe_application(
            ApplicationName='none')
    authority = open(trust, encoding='ascii').read()
    own_service.stop()
    assert not os.path.exists(os.path.join(own_service.data, 'service.tls'))
    own_service.start()
    assert open(trust, encoding='ascii').read() == authority


@pytest.fixture(name='other')
def fixture_other():
    """Another place of Kinesis, which remembers what it was asked."""
    asked = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):  # pylint: disable=invalid-name
            body = self.rfile.read(int(self.headers['Content-Length']))
            asked.append((self.path, dict(self.headers.items()), body))
            answer = b'{"StreamNames": ["elsewhere"], "HasMoreStreams": false}'
            self.send_response(200)
            self.send_header('Content-Type', 'application/x-amz-json-1.1')
            self.send_header('Content-Length', str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer(('127.0.0.1', 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f'http://127.0.0.1:{server.server_port}', asked
    server.shutdown()
    thread.join()
    server.server_close()


def test_requests_of_a_service_are_passed_on(own_service, other):
    url, asked = other
    own_service.options = ['--endpoint', f'kinesis={url}/', '--endpoint', 'sqs=aws']
    own_service.start()
    kinesis = own_service.client('kinesis')
    assert kinesis.list_streams()['StreamNames'] == ['elsewhere']
    path, headers, body = asked.pop()
    assert path == '/' and b'{' in body
    assert headers['Host'] == own_service.endpoint.removeprefix('http://')
    assert headers['X-Amz-Target'] == 'Kinesis_20131202.ListStreams'
    assert headers['Authorization'].startswith('AWS4-HMAC-SHA256 ')
    own_service.client('s3').create_bucket(Bucket='still-here')
    assert own_service.client().list_applications()['ApplicationSummaries'] == []
    assert not asked


def test_place_that_cannot_be_reached_is_told(own_service):
    with socket.socket() as taken:
        taken.bind(('127.0.0.1', 0))  # and nobody listens
        own_service.options = ['--endpoint', f'kinesis=http://127.0.0.1:{taken.getsockname()[1]}']
        own_service.start()
        with pytest.raises(ClientError) as raised:
            own_service.client('kinesis').list_streams()
        assert raised.value.response['ResponseMetadata']['HTTPStatusCode'] == 502


@pytest.mark.parametrize('setting', ['kinesis', '=aws', 'all=http://x', 'kinesis=ftp://x', 'kinesis=http://',
                                     'kinesisanalytics=aws'])
def test_endpoint_that_says_nothing_is_refused(setting, tmp_path):
    done = subprocess.run([RAUDAL, 'serve', '--port', '0', '--data', str(tmp_path), '--endpoint', setting],
                          capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 1 and '--endpoint' in done.stderr, done.stderr
