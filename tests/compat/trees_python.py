"""boto3 is in build/venv, where ./x puts it, and the service's programs in build/*/bin: both scripts here need both."""
import os
import signal
import sys

ROOT = os.path.normpath(os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', '..'))
VENV_PYTHON = os.path.join(ROOT, 'build', 'venv', 'bin', 'python')


def use():
    """Goes on with the tree's own Python if this one lacks boto3; says where the programs are. SIGTERM ends a run as
    Ctrl-C does, so that nothing is left."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    for kind in ('release', 'dev'):
        folder = os.path.join(ROOT, 'build', kind, 'bin')
        if os.path.exists(os.path.join(folder, 'raudal')):
            os.environ.setdefault('RAUDAL_BIN', folder)
    try:
        import boto3  # noqa: F401, pylint: disable=import-outside-toplevel,unused-import
    except ImportError:
        if os.path.realpath(sys.executable) != os.path.realpath(VENV_PYTHON) and os.path.exists(VENV_PYTHON):
            os.execv(VENV_PYTHON, [VENV_PYTHON, *sys.argv])
        raise SystemExit('boto3 is missing: `./x test tidy` makes build/venv, which has it') from None
