"""Real neighbours of examples that need one: a Kafka broker and a PostgreSQL server, on ports of their own."""
import glob
import os
import pwd
import shutil
import socket
import subprocess
import sys

from service_process import wait_for

KAFKA = 'org.apache.kafka:kafka_2.13:3.9.2'
CLUSTER_ID = 'AAAAAAAAAAAAAAAAAAAAAQ'
KAFKA_POM = """<project xmlns="http://maven.apache.org/POM/4.0.0"><modelVersion>4.0.0</modelVersion>
<groupId>raudal</groupId><artifactId>kafka-peer</artifactId><version>1</version><packaging>pom</packaging>
<dependencies>
<dependency><groupId>org.apache.kafka</groupId><artifactId>kafka_2.13</artifactId><version>3.9.2</version></dependency>
<dependency><groupId>org.slf4j</groupId><artifactId>slf4j-nop</artifactId><version>1.7.36</version></dependency>
</dependencies></project>
"""
LOGIN_MODULE = 'org.apache.kafka.common.security.scram.ScramLoginModule required'
KAFKA_PROPERTIES = """process.roles=broker,controller
node.id=1
controller.quorum.voters=1@127.0.0.1:{controller}
listeners=PLAINTEXT://127.0.0.1:{plain},SASLTLS://127.0.0.1:{tls},CONTROLLER://127.0.0.1:{controller}
advertised.listeners=PLAINTEXT://127.0.0.1:{plain},SASLTLS://127.0.0.1:{tls}
controller.listener.names=CONTROLLER
inter.broker.listener.name=PLAINTEXT
listener.security.protocol.map=CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT,SASLTLS:SASL_SSL
sasl.enabled.mechanisms=SCRAM-SHA-512
listener.name.sasltls.scram-sha-512.sasl.jaas.config={login};
ssl.keystore.type=PEM
ssl.keystore.location={folder}/broker.pem
log.dirs={folder}/data
num.partitions=1
offsets.topic.num.partitions=1
offsets.topic.replication.factor=1
transaction.state.log.num.partitions=1
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
group.initial.rebalance.delay.ms=0
auto.create.topics.enable=true
"""


class Missing(Exception):
    """A peer cannot be had on this machine; the text says what is missing."""


def free_port():
    with socket.socket() as listener:
        listener.bind(('127.0.0.1', 0))
        return listener.getsockname()[1]


class Kafka:
    """One broker in KRaft mode: PLAINTEXT, and SASL_SSL with SCRAM for the user `flink`."""
    USER, PASSWORD = 'flink', 'flink-password'

    def __init__(self, folder, ca_certificate, ca_key):
        if not shutil.which('kcat'):
            raise Missing('kcat is not installed, which this uses to look into topics')
        self.folder = os.path.join(folder, 'kafka')
        os.makedirs(self.folder)
        self.plain, self.tls, self.controller = free_port(), free_port(), free_port()
        self.bootstrap = f'127.0.0.1:{self.plain}'
        self.process = None
        self.fetch()
        self.make_certificate(ca_certificate, ca_key)
        self.start()

    def fetch(self):
        pom = self.write('pom.xml', KAFKA_POM)
        run = subprocess.run(['mvn', '-q', '-B', '-f', pom, 'dependency:copy-dependencies', '-DincludeScope=runtime',
                              f'-DoutputDirectory={self.folder}/lib'], capture_output=True, text=True, check=False)
        if run.returncode != 0:
            raise Missing(f'`{KAFKA}` does not resolve')

    def make_certificate(self, ca_certificate, ca_key):
        """Signed by the service's CA, which programs trust; self-signed where that is not to be had."""
        key, request = f'{self.folder}/broker.key', f'{self.folder}/broker.csr'
        certificate = f'{self.folder}/broker.crt'
        names = self.write('names.cnf', 'subjectAltName=DNS:localhost,IP:127.0.0.1\n')
        openssl('req', '-newkey', 'rsa:2048', '-nodes', '-keyout', key, '-out', request, '-subj', '/CN=localhost')
        signer = ['-CA', ca_certificate, '-CAkey', ca_key, '-CAcreateserial', '-CAserial', f'{self.folder}/serial'] \
            if ca_key and os.path.exists(ca_key) else ['-signkey', key]
        openssl('x509', '-req', '-in', request, '-out', certificate, '-days', '2', '-extfile', names, *signer)
        chain = [key, certificate] + ([ca_certificate] if ca_key and os.path.exists(ca_key) else [])
        text = ''
        for path in chain:
            with open(path, encoding='utf-8') as file:
                text += file.read()
        self.write('broker.pem', text)

    def start(self):
        properties = self.write('kafka.properties', KAFKA_PROPERTIES.format(
            login=LOGIN_MODULE, folder=self.folder, plain=self.plain, tls=self.tls, controller=self.controller))
        java = ['java', '-Xmx256m', '-XX:+UseSerialGC', '-cp', f'{self.folder}/lib/*']
        subprocess.run([*java, 'kafka.tools.StorageTool', 'format', '-t', CLUSTER_ID, '-c', properties, '--add-scram',
                        f'SCRAM-SHA-512=[name={self.USER},password={self.PASSWORD}]'], check=True, capture_output=True)
        with open(f'{self.folder}/kafka.log', 'wb') as log:
            self.process = subprocess.Popen([*java, 'kafka.Kafka', properties], stdout=log, stderr=log)
        wait_for('Kafka', lambda: subprocess.run(
            ['kcat', '-L', '-b', self.bootstrap, '-m', '1'], capture_output=True, check=False).returncode == 0)

    def produce(self, topic, lines):
        subprocess.run(['kcat', '-P', '-b', self.bootstrap, '-t', topic], input='\n'.join(lines) + '\n', text=True,
                       check=True, capture_output=True)

    def lines(self, topic):
        """All committed records up to now. Where records go on arriving, kcat's end of the topic may never come: then
        what it printed in some seconds has to do."""
        words = ['kcat', '-C', '-b', self.bootstrap, '-t', topic, '-q', '-u', '-o', 'beginning', '-e']
        try:
            output = subprocess.run(words, capture_output=True, check=False, timeout=8).stdout
        except subprocess.TimeoutExpired as cut:
            output = cut.stdout or b''
        return output.decode().splitlines()

    def write(self, name, text):
        path = os.path.join(self.folder, name)
        with open(path, 'w', encoding='utf-8') as file:
            file.write(text)
        return path

    def close(self):
        if self.process:
            self.process.kill()
            self.process.wait()


class Postgres:
    """A server of its own, with one database and the user that the examples name."""

    def __init__(self, folder):
        self.programs = max(glob.glob('/usr/lib/postgresql/*/bin'), default='')
        if not os.path.exists(os.path.join(self.programs, 'initdb')):
            raise Missing('PostgreSQL is not installed')
        self.folder = os.path.join(folder, 'postgres')
        self.port = free_port()
        os.makedirs(self.folder)
        self.prefix = []
        if os.geteuid() == 0:  # it will not run as root
            account = pwd.getpwnam('postgres')
            os.chmod(folder, 0o755)
            os.chown(self.folder, account.pw_uid, account.pw_gid)
            self.prefix = ['runuser', '-u', 'postgres', '--']
        self.run('initdb', '-D', f'{self.folder}/data', '-U', 'flinkuser', '-A', 'trust', '--no-sync')
        self.run('pg_ctl', '-D', f'{self.folder}/data', '-w', '-l', f'{self.folder}/log', '-o',
                 f'-p {self.port} -c listen_addresses=127.0.0.1 -c unix_socket_directories={self.folder}', 'start')
        self.query('CREATE DATABASE testdb', 'postgres')

    def run(self, program, *words):
        subprocess.run([*self.prefix, os.path.join(self.programs, program), *words], check=True, cwd='/',
                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def query(self, sql, database='testdb'):
        answer = subprocess.run(['psql', '-h', '127.0.0.1', '-p', str(self.port), '-U', 'flinkuser', '-d', database,
                                 '-tAc', sql], check=True, capture_output=True, text=True)
        return answer.stdout.strip()

    def close(self):
        self.run('pg_ctl', '-D', f'{self.folder}/data', '-m', 'immediate', 'stop')


def openssl(*words):
    run = subprocess.run(['openssl', *words], capture_output=True, text=True, check=False)
    if run.returncode != 0:
        print(run.stderr, file=sys.stderr)
        raise Missing('openssl could not make a certificate')
