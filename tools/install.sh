# What ./x uses to install what is missing; sourced, with the root of the tree as current folder.
#
#   need_packages GROUP...   Debian packages of these groups of tools/packages.txt
#   need_python              build/venv with the pinned packages of tools/requirements.txt
#   need_npm                 build/npm with the pinned packages of tools/npm (node comes from build/venv)
#
# Each says what it is about to do, and returns within milliseconds when nothing is to be done.

log_dir=build/log

say() { printf '\033[1m%s\033[0m\n' "$*"; }
[[ -t 1 ]] || say() { printf '%s\n' "$*"; }
die() { printf './x: %s\n' "$*" >&2; exit 1; }

# step TITLE COMMAND...: runs a long command with its output in a log, shows the time, and the log's end if it fails.
step() {
  local title=$1 log start=$SECONDS next=$((SECONDS + 30)) status=0 pid
  shift
  mkdir -p "$log_dir"
  log=$log_dir/$(tr -cs 'A-Za-z0-9' '_' <<<"${title,,}")
  log=${log%_}.log
  "$@" >"$log" 2>&1 </dev/null &
  pid=$!
  trap 'kill "$pid" 2>/dev/null; exit 130' INT TERM
  while kill -0 "$pid" 2>/dev/null; do
    if [[ -t 1 ]]; then
      printf '\r%s … %d s' "$title" $((SECONDS - start))
    elif ((SECONDS >= next)); then
      next=$((SECONDS + 30))
      printf '%s … %d s\n' "$title" $((SECONDS - start))
    fi
    sleep 0.2
  done
  wait "$pid" || status=$?
  trap - INT TERM
  [[ ! -t 1 ]] || printf '\r\033[K'
  if ((status != 0)); then
    printf '%s: failed after %d s. The end of %s:\n' "$title" $((SECONDS - start)) "$log" >&2
    tail -n 25 "$log" >&2
    return "$status"
  fi
  printf '%s: done in %d s\n' "$title" $((SECONDS - start))
}

as_root() {
  if ((EUID == 0)); then env DEBIAN_FRONTEND=noninteractive "$@"; else sudo env DEBIAN_FRONTEND=noninteractive "$@"; fi
}

packages_of() { # GROUP...
  local line group='' wanted=" $* "
  while IFS= read -r line; do
    case $line in
      '' | '#'*) ;;
      '['*']') group=${line:1:-1} ;;
      *) [[ $wanted != *" $group "* ]] || printf '%s\n' "$line" ;;
    esac
  done <tools/packages.txt
}

need_packages() { # GROUP...
  local groups=$* package installed missing=()
  local stamp=build/.stamps/debian-${groups// /-}
  [[ ! -f $stamp || tools/packages.txt -nt $stamp || /var/lib/dpkg/status -nt $stamp ]] || return 0
  command -v apt-get >/dev/null || {
    [[ -n ${RAUDAL_NO_INSTALL-} ]] && return 0
    die "this is no Debian: install what corresponds to
    $(packages_of "$@" | tr '\n' ' ')
  yourself and set RAUDAL_NO_INSTALL=1"
  }
  local wanted
  mapfile -t wanted < <(packages_of "$@" | sort -u)
  installed=" $(dpkg-query -W -f='${db:Status-Status}:${Package} ' "${wanted[@]}" 2>/dev/null || true)"
  for package in "${wanted[@]}"; do
    [[ $installed == *" installed:$package "* ]] || missing+=("$package")
  done
  if ((${#missing[@]} > 0)); then
    [[ -z ${RAUDAL_NO_INSTALL-} ]] || die "RAUDAL_NO_INSTALL is set, but these packages are missing: ${missing[*]}"
    say "Installing ${#missing[@]} Debian packages and what they need:"
    fold -s -w 100 <<<"${missing[*]}" | sed 's/^/  /'
    if ((EUID != 0)); then
      command -v sudo >/dev/null || die "that needs root: as root run
  apt-get install -y --no-install-recommends ${missing[*]}"
      sudo -v || die 'that needs root, and sudo refused'
    fi
    step 'Reading the package lists' as_root apt-get update -q -o DPkg::Lock::Timeout=300
    step 'Installing Debian packages' as_root apt-get install -q -y --no-install-recommends \
      -o DPkg::Lock::Timeout=300 -o Dpkg::Use-Pty=0 "${missing[@]}" || {
      printf 'Raudal builds on Debian 12 (bookworm); this is %s.\n' "$(. /etc/os-release && echo "$PRETTY_NAME")" >&2
      return 1
    }
  fi
  mkdir -p build/.stamps
  touch "$stamp"
}

need_python() {
  need_packages python
  ! cmp -s tools/requirements.txt build/venv/requirements.txt || return 0
  say 'Installing the pinned Python packages of tools/requirements.txt into build/venv'
  step 'Making build/venv' /usr/bin/python3 -m venv --clear build/venv
  step 'Installing Python packages' build/venv/bin/pip install --disable-pip-version-check --no-input \
    -r tools/requirements.txt
  cp tools/requirements.txt build/venv/requirements.txt
}

need_npm() {
  need_python
  ! cmp -s tools/npm/package-lock.json build/npm/installed.json || return 0
  say 'Installing the pinned npm packages of tools/npm into build/npm'
  mkdir -p build/npm
  cp tools/npm/package.json tools/npm/package-lock.json tools/npm/.npmrc build/npm/
  step 'Installing npm packages' env "PATH=$PWD/build/venv/bin:$PATH" npm ci --prefix build/npm
  cp tools/npm/package-lock.json build/npm/installed.json
}
