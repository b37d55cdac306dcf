"""The dashboard of a running application: whose URL it is, what it shows, what it refuses."""
import json
import os

import pytest
import urllib3
from botocore.exceptions import ClientError

from programs import create, start, stop
from service import Boto3


def fetch(url, method='GET', **more):
    answer = urllib3.request(method, url, retries=False, **more)
    return answer.status, answer.headers, answer.data.decode()


@pytest.fixture(name='dashboard')
def fixture_dashboard(service, client, name):
    boto = Boto3(service)
    create(service, boto, name)
    start(boto, name)
    url = client.create_application_presigned_url(ApplicationName=name, UrlType='FLINK_DASHBOARD_URL')['AuthorizedUrl']
    yield url
    stop(boto, name, Force=True)


def test_rest_api_is_below_the_url(service, dashboard):
    assert dashboard.startswith(service.endpoint + '/')
    status, _, text = fetch(dashboard + 'jobs/overview')
    assert status == 200
    job, = json.loads(text)['jobs']
    assert job['state'] == 'RUNNING'
    status, _, text = fetch(f"{dashboard}jobs/{job['jid']}")
    assert status == 200
    vertex = json.loads(text)['vertices'][0]['id']
    assert json.loads(fetch(dashboard + 'overview')[2])['jobs-running'] == 1
    status, _, text = fetch(f"{dashboard}jobs/{job['jid']}/vertices/{vertex}/backpressure")
    assert status == 200 and 'status' in json.loads(text)
    assert json.loads(fetch(dashboard + 'config')[2])['refresh-interval'] == 3000
    assert fetch(f"{dashboard}jobs/{job['jid']}/metrics?get=uptime")[0] == 200


def test_page_says_what_is_there(dashboard):
    status, headers, text = fetch(dashboard)
    assert status == 200
    assert headers['Content-Type'].startswith('text/html')
    assert headers['Referrer-Policy'] == 'no-referrer'
    assert 'native engine' in text and 'RUNNING' in text and 'href="jobs/' in text
    status, headers, _ = fetch(dashboard[:-1], redirect=False)
    assert status == 301 and dashboard.endswith(headers['Location'])


def test_is_for_reading(dashboard):
    job = json.loads(fetch(dashboard + 'jobs/overview')[2])['jobs'][0]['jid']
    for method in ('POST', 'PATCH', 'DELETE', 'PUT'):
        status, headers, _ = fetch(f'{dashboard}jobs/{job}', method)
        assert status == 405 and headers['Allow'] == 'GET, HEAD'
    for path in ('jars', 'jars/upload', 'v1/jars', f'jobs/{job}/yarn-cancel', f'jobs/{job}/%79arn-stop', '../x'):
        status, _, text = fetch(dashboard + path)
        assert status in (403, 404), (path, text)
    assert json.loads(fetch(dashboard + 'jobs/overview')[2])['jobs'][0]['state'] == 'RUNNING'


def test_nobody_else_gets_in(service, client, dashboard, name):
    assert fetch(dashboard + 'jobs/absent')[0] == 404
    status, _, text = fetch(service.endpoint + '/_dashboard/0123456789abcdef/overview')
    assert status == 403 and 'CreateApplicationPresignedUrl' in json.loads(text)['errors'][0]
    assert fetch(service.endpoint + '/_dashboard/')[0] == 403
    stop(Boto3(service), name, Force=True)
    assert fetch(dashboard + 'overview')[0] == 404
    with pytest.raises(ClientError, match='ResourceInUseException'):
        client.create_application_presigned_url(ApplicationName=name, UrlType='FLINK_DASHBOARD_URL')
    start(Boto3(service), name)


def test_url_has_the_scheme_by_which_it_was_asked_for(own_service, name):
    own_service.options = ['--tls-port', '0']
    own_service.start()
    create(own_service, Boto3(own_service), name)
    start(Boto3(own_service), name)
    line = next(line for line in own_service.log_text().splitlines() if 'speaks TLS at' in line)
    endpoint = line.split('speaks TLS at ')[1].split()[0]
    trust = os.path.join(own_service.data, 'ca', 'ca.pem')
    client = own_service.session().client('kinesisanalyticsv2', endpoint_url=endpoint, verify=trust)
    url = client.create_application_presigned_url(ApplicationName=name, UrlType='FLINK_DASHBOARD_URL')['AuthorizedUrl']
    assert url.startswith(endpoint + '/')
    with urllib3.PoolManager(ca_certs=trust) as pool:
        assert json.loads(pool.request('GET', url + 'overview').data)['jobs-running'] == 1
