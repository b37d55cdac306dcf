"""Finds the example applications of a checkout and builds them with Maven, as their READMEs say."""
import glob
import os
import re
import subprocess
from dataclasses import dataclass

BUILD_SECONDS = 900
SBT_LAUNCHER = 'org.scala-sbt:sbt-launch:1.10.7'
# Artifacts that do not resolve on every machine, and what has the same classes and does.
KINESIS = 'org.apache.flink:flink-connector-kinesis:4.3.0-1.19'
STAND_INS = {
    'org.apache.flink:flink-connector-aws-kinesis-streams:5.0.0-1.20': KINESIS,
    'org.apache.flink:flink-sql-connector-kinesis:4.3.0-1.19': KINESIS,
    'org.apache.flink:flink-connector-aws-kinesis-firehose:5.0.0-1.20':
        'org.apache.flink:flink-connector-aws-kinesis-firehose:4.3.0-1.19',
}
# Artifacts that may come without their pom.xml, and what that would have brought.
BROUGHT = {
    'org.apache.flink:flink-connector-sqs:jar:5.0.0-1.20': (
        'org.apache.flink:flink-connector-aws-base:4.3.0-1.19', 'software.amazon.awssdk:sqs:2.20.162'),
}
STAND_IN_POM = 'pom.stand-in.xml'
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
    missing: tuple = ()  # what did not resolve, by coordinates
    lacking: tuple = ()  # what came without its pom.xml, and so without what it needs
    stood_in: str = ''   # what took the place of an artifact; the program's source is never touched


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
        return Build(package=package, stood_in=stand_in_note(example))
    if os.path.exists(os.path.join(example.folder, 'build.sbt')):
        return build_with_sbt(example)
    if not os.path.exists(os.path.join(example.folder, 'pom.xml')):
        return Build(reason='has no build: its README asks to put a JAR together by hand')
    built = build_with_maven(example, 'pom.xml')
    if built.missing and all(coordinate in STAND_INS for coordinate in built.missing):
        write_stand_in_pom(example, built.missing)
        again = build_with_maven(example, STAND_IN_POM)
        again.stood_in = stand_in_note(example)
        return again if again.package else built
    if built.lacking:
        write_pom_with(example, [brought for coordinate in built.lacking for brought in BROUGHT[coordinate]])
        built = build_with_maven(example, STAND_IN_POM)
        built.stood_in = stand_in_note(example)
    return built


def build_with_maven(example, pom):
    top = example.folder
    while os.path.exists(os.path.join(top, '..', 'pom.xml')) and is_parent(os.path.join(top, '..')):
        top = os.path.normpath(os.path.join(top, '..'))
    words = ['mvn', '-B', '-ntp', '-DskipTests', '-f', pom, 'package']
    if top != example.folder:
        words += ['-pl', os.path.relpath(example.folder, top), '-am']
    try:
        run = subprocess.run(words, cwd=top, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                             timeout=BUILD_SECONDS, check=False)
    except subprocess.TimeoutExpired:
        return Build(reason=f'the build took more than {BUILD_SECONDS} s')
    if run.returncode != 0:
        missing = missing_artifacts(run.stdout)
        return Build(reason=failure(run.stdout, missing), missing=tuple(missing))
    package = largest(example)
    if not package:
        return Build(reason='the build made no package')
    poms = re.findall(r'The POM for ([\w.:-]+) is missing', run.stdout)
    return Build(package=package, lacking=tuple(coordinate for coordinate in poms if coordinate in BROUGHT))


def write_pom_with(example, coordinates):
    """The example's pom.xml with more dependencies."""
    with open(os.path.join(example.folder, 'pom.xml'), encoding='utf-8') as file:
        text = file.read()
    added = ''
    for coordinate in coordinates:
        group, name, version = coordinate.split(':')
        added += (f'<dependency><groupId>{group}</groupId><artifactId>{name}</artifactId>'
                  f'<version>{version}</version></dependency>\n')
    at = text.rindex('</dependencies>', 0, text.index('<build>'))
    with open(os.path.join(example.folder, STAND_IN_POM), 'w', encoding='utf-8') as file:
        file.write(text[:at] + added + text[at:])


def write_stand_in_pom(example, missing):
    """The example's pom.xml with other coordinates for what is missing."""
    with open(os.path.join(example.folder, 'pom.xml'), encoding='utf-8') as file:
        text = file.read()
    for coordinate in missing:
        name = coordinate.split(':')[1]
        _, other, version = STAND_INS[coordinate].split(':')
        text = re.sub(rf'<artifactId>{re.escape(name)}</artifactId>(\s*(?:<!--.*?-->\s*)*)<version>[^<]*</version>',
                      rf'<artifactId>{other}</artifactId>\1<version>{version}</version>', text, flags=re.S)
    with open(os.path.join(example.folder, STAND_IN_POM), 'w', encoding='utf-8') as file:
        file.write(text)


def stand_in_note(example):
    path = os.path.join(example.folder, STAND_IN_POM)
    if not os.path.exists(path):
        return ''
    with open(path, encoding='utf-8') as file:
        text = file.read()
    others = [*STAND_INS.values(), *(brought for list_ in BROUGHT.values() for brought in list_)]
    used = {other.split(':')[1]: other for other in others if f"<artifactId>{other.split(':')[1]}<" in text}
    return ', '.join(f'`{other.split(":", 1)[1]}`' for other in used.values())


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


def missing_artifacts(output):
    """What did not resolve: group:name:version, each once."""
    found = []
    for line in output.splitlines():
        if not line.startswith('[ERROR]'):
            continue
        found += re.findall(r'artifact ([\w.-]+:[\w.-]+:\w+:[\w.-]+)', line)
        found += re.findall(r'([\w.-]+:[\w.-]+:(?:jar|pom):[\w.-]+) was not found', line)
        for listed in re.findall(r'could not be resolved: ([^ ]+(?:, [^ ]+)*): ', line):
            found += listed.split(', ')
    short = []
    for coordinate in found:
        group, name, *rest = coordinate.split(':')
        if f'{group}:{name}:{rest[-1]}' not in short:
            short.append(f'{group}:{name}:{rest[-1]}')
    return short


def failure(output, missing):
    """What a build lacked; else Maven's first error."""
    if missing:
        return 'missing: ' + ', '.join(f'`{coordinate}`' for coordinate in missing)
    errors = [line[8:].strip() for line in output.splitlines() if line.startswith('[ERROR]')]
    return 'the build failed: ' + (errors[0][:200] if errors else 'Maven said nothing')
