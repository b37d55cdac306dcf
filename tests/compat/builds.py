"""Finds the example applications of a checkout and builds them with Maven, as their READMEs say."""
import glob
import os
import re
import subprocess
from dataclasses import dataclass

BUILD_SECONDS = 900
SBT_LAUNCHER = 'org.scala-sbt:sbt-launch:1.10.7'
# A generator, a note about laptops, and a producer that is no Flink program.
NOT_APPLICATIONS = ('python/data-generator', 'python/LocalDevelopmentOnAppleSilicon',
                    'KinesisSourceDeaggregation/kpl-producer')


@dataclass
class Example:
    """A folder with a program in it."""
    name: str     # java/S3Sink
    folder: str

    @property
    def is_python(self):
        return self.name.startswith('python/')


@dataclass
class Build:
    """What came of a build: the package, or why there is none."""
    package: str = ''
    reason: str = ''


def find(checkout, words):
    """All examples with one of these words in their name (or all), by name."""
    folders = set()
    for language in ('java', 'python', 'scala'):
        for pattern in ('pom.xml', '*.py', 'build.sbt'):
            for path in glob.glob(os.path.join(checkout, language, '**', pattern), recursive=True):
                folders.add(os.path.dirname(path))
    names = {os.path.relpath(folder, checkout): folder for folder in folders}
    return [Example(name, os.path.abspath(folder)) for name, folder in sorted(names.items())
            if is_application(folder) and not name.endswith(NOT_APPLICATIONS) and
            (not words or any(word in name for word in words))]


def is_application(folder):
    pom = os.path.join(folder, 'pom.xml')
    if os.path.exists(pom):
        with open(pom, encoding='utf-8') as file:
            return '<modules>' not in file.read()
    # A folder of Python modules inside an example is part of it.
    inside = any(os.path.exists(os.path.join(folder, *['..'] * depth, 'pom.xml')) for depth in (1, 2, 3))
    has_properties = glob.glob(os.path.join(folder, '*propert*.json'))
    return os.path.exists(os.path.join(folder, 'build.sbt')) or (bool(has_properties) and not inside)


def build(example):
    """Builds it, unless its package is newer than all that it is made from."""
    package = largest(example)
    if package and os.path.getmtime(package) > newest_source(example.folder):
        return Build(package=package)
    if os.path.exists(os.path.join(example.folder, 'build.sbt')):
        return build_with_sbt(example)
    if not os.path.exists(os.path.join(example.folder, 'pom.xml')):
        return Build(reason='has no build: its README asks to put a JAR together by hand')
    top = example.folder
    while os.path.exists(os.path.join(top, '..', 'pom.xml')) and is_parent(os.path.join(top, '..')):
        top = os.path.normpath(os.path.join(top, '..'))
    words = ['mvn', '-B', '-ntp', '-DskipTests', 'package']
    if top != example.folder:
        words += ['-pl', os.path.relpath(example.folder, top), '-am']
    try:
        run = subprocess.run(words, cwd=top, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                             timeout=BUILD_SECONDS, check=False)
    except subprocess.TimeoutExpired:
        return Build(reason=f'the build took more than {BUILD_SECONDS} s')
    if run.returncode != 0:
        return Build(reason=failure(run.stdout))
    package = largest(example)
    return Build(package=package) if package else Build(reason='the build made no package')


def build_with_sbt(example):
    """Debian has no sbt, but Maven can fetch its launcher, and that fetches the rest from where Maven does."""
    tools = os.path.join(example.folder, 'target', 'launcher')
    os.makedirs(tools, exist_ok=True)
    with open(os.path.join(tools, 'repositories'), 'w', encoding='utf-8') as file:
        file.write('[repositories]\n  local\n  maven-central\n')
    fetch = ['mvn', '-q', '-B', 'dependency:copy', f'-Dartifact={SBT_LAUNCHER}', '-Dmdep.stripVersion=true',
             f'-DoutputDirectory={tools}']
    if subprocess.run(fetch, capture_output=True, check=False).returncode != 0:
        return Build(reason=f'missing: `{SBT_LAUNCHER}`')
    words = ['java', f'-Dsbt.repository.config={tools}/repositories', '-Dsbt.override.build.repos=true',
             '-Dsbt.server.autostart=false', '-Dsbt.log.noformat=true', '-jar', f'{tools}/sbt-launch.jar', 'assembly']
    run = subprocess.run(words, cwd=example.folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                         timeout=BUILD_SECONDS, check=False)
    if run.returncode != 0:
        errors = [line[8:].strip() for line in run.stdout.splitlines() if line.startswith('[error]')]
        return Build(reason='the build failed: ' + (errors[0][:200] if errors else 'sbt said nothing'))
    package = largest(example)
    return Build(package=package) if package else Build(reason='the build made no package')


def is_parent(folder):
    """Whether the projects below take their settings from this one (java/pom.xml only lists them)."""
    with open(os.path.join(folder, 'pom.xml'), encoding='utf-8') as file:
        text = file.read()
    return '<modules>' in text and '<dependencies>' in text or '<dependencyManagement>' in text


def newest_source(folder):
    paths = [os.path.join(parent, name) for parent, folders, names in os.walk(folder) for name in names
             if 'target' not in os.path.relpath(parent, folder).split(os.sep)]
    return max((os.path.getmtime(path) for path in paths), default=0)


def largest(example):
    """The ZIP of a Python example, the shaded JAR of the others."""
    pattern = '*.zip' if example.is_python else '*.jar'
    folders = ('target', 'target/scala-*')
    found = [path for folder in folders for path in glob.glob(os.path.join(example.folder, folder, pattern))
             if not os.path.basename(path).startswith('original-')]
    return max(found, key=os.path.getsize, default='')


def failure(output):
    """What a build lacked, by coordinates; else Maven's first error."""
    missing = []
    for line in output.splitlines():
        if not line.startswith('[ERROR]'):
            continue
        missing += re.findall(r'artifact ([\w.-]+:[\w.-]+:\w+:[\w.-]+)', line)
        missing += re.findall(r'([\w.-]+:[\w.-]+:(?:jar|pom):[\w.-]+) was not found', line)
        for listed in re.findall(r'could not be resolved: ([^ ]+(?:, [^ ]+)*): ', line):
            missing += listed.split(', ')
    plain = []
    for coordinate in missing:
        group, name, *rest = coordinate.split(':')
        if f'{group}:{name}:{rest[-1]}' not in plain:
            plain.append(f'{group}:{name}:{rest[-1]}')
    if plain:
        return 'missing: ' + ', '.join(f'`{coordinate}`' for coordinate in plain)
    errors = [line[8:].strip() for line in output.splitlines() if line.startswith('[ERROR]')]
    return 'the build failed: ' + (errors[0][:200] if errors else 'Maven said nothing')
