# shellcheck shell=bash disable=SC2034
# What the scripts beside this file share. Source it; it does nothing by itself.

# The folder of the checkout, and the one for downloads and builds that outlive it.
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cache=${XDG_CACHE_HOME:-$HOME/.cache}/simple-stream

# What the package needs to build, as `apt-name:homebrew-name`.
build_packages=(libcurl4-openssl-dev:curl libhiredis-dev:hiredis libsqlite3-dev:sqlite libpq-dev:libpq pkg-config:pkgconf)

say() { printf '==> %s\n' "$*" >&2; }

fail() {
    printf '%s: %s\n' "${0##*/}" "$*" >&2
    exit 1
}

# Installs what is missing of the packages named as `apt-name:homebrew-name`; either name may be empty.
need_packages() {
    local package missing=()
    if command -v apt-get >/dev/null; then
        for package in "${@%%:*}"; do
            [ -n "$package" ] || continue
            dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null | grep -qx installed || missing+=("$package")
        done
        [ ${#missing[@]} -eq 0 ] || install_with_apt "${missing[@]}"
    elif command -v brew >/dev/null; then
        for package in "${@##*:}"; do
            [ -n "$package" ] || continue
            brew list --versions "$package" >/dev/null 2>&1 || missing+=("$package")
        done
        if [ ${#missing[@]} -gt 0 ]; then
            say "Installing with Homebrew: ${missing[*]}"
            brew install "${missing[@]}" || fail "Homebrew could not install ${missing[*]}"
        fi
    else
        say "Neither apt-get nor Homebrew here; if something is missing, install your system's equivalent of: ${*%%:*}"
    fi
}

install_with_apt() {
    local as_root=()
    if [ "$(id -u)" -ne 0 ]; then
        command -v sudo >/dev/null || fail "missing packages; as root, run: apt-get install $*"
        as_root=(sudo)
    fi
    as_root+=(env DEBIAN_FRONTEND=noninteractive apt-get -q -o Dpkg::Use-Pty=0 -o DPkg::Lock::Timeout=300)
    say "Installing with apt-get: $*"
    "${as_root[@]}" update || fail "apt-get update failed; is the network there?"
    "${as_root[@]}" install -y --no-install-recommends "$@" || fail "apt-get could not install: $*"
}

# Stops with one line unless Swift 6.2 or newer is on the PATH.
need_swift() {
    local version
    command -v swift >/dev/null || fail "swift is missing: install Swift 6.2 or newer from https://www.swift.org/install"
    version=$(swift --version 2>/dev/null | sed -n 's/.*Swift version \([0-9]*\.[0-9]*\).*/\1/p' | head -n 1)
    [ -n "$version" ] || fail "swift --version did not answer: install Swift 6.2 or newer from https://www.swift.org/install"
    [ "$(printf '%s\n' 6.2 "$version" | sort -V | head -n 1)" = 6.2 ] ||
        fail "Swift $version is too old: install 6.2 or newer from https://www.swift.org/install"
}

# Makes sure that a Python venv holds exactly what a requirements file asks for: need_venv FOLDER FILE
need_venv() {
    local folder=$1 requirements=$2
    cmp -s "$requirements" "$folder/requirements.txt" && return
    say "Making the Python environment $folder"
    rm -rf "$folder"
    python3 -m venv "$folder" || fail "python3 -m venv failed"
    "$folder/bin/pip" install --quiet --disable-pip-version-check -r "$requirements" ||
        fail "pip could not install what $requirements lists"
    cp "$requirements" "$folder/requirements.txt"
}

# Finds a Chromium for the browser tests, installs one if there is none, and puts its path into SS_CHROMIUM.
need_browser() {
    local name
    [ -z "${SS_CHROMIUM:-}" ] || return 0
    for name in chromium chromium-browser google-chrome \
        "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome"; do
        SS_CHROMIUM=$(command -v "$name") && break
    done
    if [ -z "$SS_CHROMIUM" ]; then
        need_packages chromium:
        SS_CHROMIUM=$(command -v chromium) || fail "no Chromium found; set SS_CHROMIUM to its path"
    fi
    export SS_CHROMIUM
}

# Whether something listens on a TCP port of this machine.
listening() { (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; }

# Runs a command; says every half minute that it still runs, since a compiler can be silent for long.
with_heartbeat() {
    local what=$1 status=0 heart
    shift
    SECONDS=0
    (while sleep 30 >/dev/null 2>&1; do say "$what: running for $SECONDS s"; done) &
    heart=$!
    # shellcheck disable=SC2064
    trap "kill $heart 2>/dev/null || true" EXIT
    "$@" || status=$?
    kill "$heart" 2>/dev/null || true
    wait "$heart" 2>/dev/null || true
    trap - EXIT
    return "$status"
}
