"""Flink's dashboard of a run, below the presigned URL: its pages and all that they load, and nothing that changes."""
import json
import re

import urllib3

from flink_service import Ledger


def fetch(url, method='GET'):
    return urllib3.request(method, url, retries=False)


def test_pages_load_and_change_nothing(service):
    ledger = Ledger(service)
    service.run(ledger.name)
    url = service.flink.create_application_presigned_url(
        ApplicationName=ledger.name, UrlType='FLINK_DASHBOARD_URL')['AuthorizedUrl']
    page = fetch(url)
    assert page.status == 200 and page.headers['Content-Type'].startswith('text/html')
    text = page.data.decode()
    loaded = re.findall(r'(?:src|href)="([^"#]+)"', text)
    assert any(name.endswith('.js') for name in loaded), text
    for name in loaded:
        assert not name.startswith('/'), f'{name} leads out of the dashboard'
        if name not in ('./', '.'):
            assert fetch(url + name).status == 200, name

    features = json.loads(fetch(url + 'config').data)['features']
    assert not any(features[name] for name in ('web-submit', 'web-cancel'))
    job, = json.loads(fetch(url + 'jobs/overview').data)['jobs']
    own = f"jobs/{job['jid']}"
    for path in (own, f'{own}/plan', f'{own}/checkpoints', 'jobmanager/config'):
        assert fetch(url + path).status == 200, path
    assert fetch(f'{url}{own}?mode=cancel', 'PATCH').status == 405
    assert fetch(f'{url}cluster', 'DELETE').status == 405
    assert fetch(f'{url}jars/upload', 'POST').status == 405
    assert fetch(f'{url}jars').status == 403
    assert json.loads(fetch(url + own).data)['state'] == 'RUNNING'
