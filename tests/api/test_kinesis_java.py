"""Kinesis with the AWS SDKs for Java, which speak CBOR, as Flink's connectors do; fan-out over HTTP/1.1 and HTTP/2.

Skipped, and it says so, where the SDKs cannot be had: without a JDK, without Maven, or where Maven does not answer."""
import os
import re
import shutil
import subprocess

import pytest

from service import Service

JAVA = os.path.join(os.path.dirname(os.path.abspath(__file__)), 'java')


@pytest.fixture(scope='module', name='class_path')
def fixture_class_path(tmp_path_factory):
    for program, package in (('javac', 'openjdk-17-jdk-headless'), ('mvn', 'maven')):
        if not shutil.which(program):
            pytest.skip(f'no {program}: install {package}')
    folder = tmp_path_factory.mktemp('java')
    shutil.copy(os.path.join(JAVA, 'pom.xml'), folder)
    found = subprocess.run(
        ['mvn', '-q', '-B', '-f', str(folder / 'pom.xml'), 'dependency:build-classpath',
         f'-Dmdep.outputFile={folder}/class-path'], capture_output=True, text=True, timeout=600, check=False)
    if found.returncode:
        pytest.skip('Maven has no SDK for Java: ' + found.stdout[-300:])
    path = f'{folder}:' + (folder / 'class-path').read_text().strip()
    subprocess.run(['javac', '-cp', path, '-d', str(folder), os.path.join(JAVA, 'KinesisClients.java')], check=True,
                   timeout=300)
    return path


@pytest.fixture(scope='module', name='tls_service')
def fixture_tls_service():
    running = Service(['--tls-port', '0']).start()
    yield running
    running.close()


@pytest.mark.parametrize('kind, endpoint', [('v1', 'plain'), ('v2', 'plain'), ('http1', 'plain'), ('http2', 'plain'),
                                            ('http2', 'tls')])
def test_sdk_for_java(class_path, tls_service, kind, endpoint):
    tls = re.search(r'TLS at (https://\S+)', tls_service.log_text())[1]
    ended = subprocess.run(
        ['java', '-Xmx256m', '-cp', class_path, 'KinesisClients', kind, tls_service.endpoint,
         tls if endpoint == 'tls' else tls_service.endpoint, *tls_service.credentials()],
        env=dict(os.environ, AWS_JAVA_V1_DISABLE_DEPRECATION_ANNOUNCEMENT='true'), capture_output=True, text=True,
        timeout=120, check=False)
    assert ended.returncode == 0 and 'passed' in ended.stdout, ended.stdout + ended.stderr
