"""`raudal flink` as people use it, a script in Maven's place: what it prints and how it exits, beside a service."""
import os
import signal
import subprocess

from service import RAUDAL, ServiceProcess, wait_for

MAVEN = r'''#!/bin/sh
[ -e "$ROOT/hang" ] && { touch "$ROOT/hanging"; exec sleep 1000; }
[ -e "$ROOT/missing" ] && {
  echo "[ERROR] Could not find artifact org.apache.flink:flink-core:jar:1.20.3 in central (h)"; exit 1; }
for word; do case $word in -Draudal.flink.home=*) home=${word#*=} ;; esac; done
mkdir -p $home/lib $home/opt $home/plugins/s3-fs-hadoop
for name in lib/flink-runtime-1 lib/flink-clients-1 lib/flink-container-1 lib/flink-statebackend-rocksdb-1 \
    lib/log4j-core-2 lib/flink-table-planner-loader-1 opt/flink-python-1 plugins/s3-fs-hadoop/flink-s3-fs-hadoop-1; do
  printf 'PK\005\006\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0' > $home/$name.jar
done
'''


class Machine:
    """A PATH with that Maven alone before the real one, and a JDK that is not there."""

    def __init__(self, root):
        self.root = root
        self.data = os.path.join(root, 'data')
        self.write('bin/mvn', MAVEN)
        self.write('jdk/release', 'JAVA_VERSION="17.0.15"\n')
        self.write('jdk/bin/java', '#!/bin/sh\n')
        self.environment = dict(os.environ, ROOT=str(root), JAVA_HOME=os.path.join(root, 'jdk'),
                                PATH=os.path.join(root, 'bin') + ':' + os.environ['PATH'])

    def write(self, name, text=''):
        path = os.path.join(self.root, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, 'w', encoding='utf-8') as file:
            file.write(text)
        os.chmod(path, 0o755)

    def flink(self, *words):
        return subprocess.run([RAUDAL, 'flink', *words, '--data', self.data], env=self.environment, text=True,
                              capture_output=True, timeout=60, check=False)

    def row(self, runtime, *options):
        lines = self.flink('list', *options).stdout.splitlines()
        return next(line.split() for line in lines if line.startswith(runtime + ' '))


def test_install_list_and_remove_beside_a_running_service(tmp_path):
    machine = Machine(str(tmp_path))
    service = ServiceProcess(tmp_path).start()
    try:
        installed = machine.flink('install', '1.20')
        assert installed.returncode == 0, installed.stderr
        assert 'Flink 1.20.3 is installed for runtime 1.20: 8 files' in installed.stdout
        assert installed.stderr.splitlines() == ['Resolving artifacts…', 'Checking files…']
        assert machine.row('1.20')[:3] == ['1.20', '1.20.3', 'installed']
        assert machine.row('1.20', '--verify')[2] == 'verified'
        assert machine.row('2.2')[2:4] == ['not', 'installed']
        assert machine.row('1.13')[2:4] == ['not', 'served']
        assert machine.flink('remove', '1.20').stdout == 'Flink 1.20 is removed\n'
        assert machine.row('1.20')[2:4] == ['not', 'installed']
    finally:
        service.stop()


def test_a_damaged_file_is_shown_and_makes_list_fail(tmp_path):
    machine = Machine(str(tmp_path))
    assert machine.flink('install', '1.20').returncode == 0
    machine.write('data/flink/1.20/lib/log4j-core-2.jar', 'PK')
    listed = machine.flink('list')
    assert listed.returncode == 1
    assert 'log4j-core-2.jar' in listed.stderr and 'raudal flink install 1.20' in listed.stderr
    assert machine.row('1.20')[2] == 'damaged'
    assert machine.flink('install', '1.20').returncode == 0
    assert machine.flink('list').returncode == 0


def test_failures_say_what_is_missing(tmp_path):
    machine = Machine(str(tmp_path))
    machine.write('missing')
    failed = machine.flink('install', '1.20')
    assert failed.returncode == 1
    assert 'Maven does not find org.apache.flink:flink-core:1.20.3' in failed.stderr
    assert 'FLINK-1_15 or later' in machine.flink('install', '1.13').stderr
    assert machine.flink('install', '7.0').returncode == 1


def test_an_interrupted_installation_leaves_nothing(tmp_path):
    machine = Machine(str(tmp_path))
    machine.write('hang')
    with subprocess.Popen([RAUDAL, 'flink', 'install', '1.20', '--data', machine.data], env=machine.environment,
                          stderr=subprocess.PIPE, text=True) as process:
        wait_for('Maven', lambda: os.path.exists(os.path.join(tmp_path, 'hanging')))
        process.send_signal(signal.SIGINT)
        assert process.wait(timeout=30) == 1
        assert 'Ended on request' in process.stderr.read()
    assert not [name for name in os.listdir(os.path.join(machine.data, 'flink')) if name.endswith('.partial')]
