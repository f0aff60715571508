#!/usr/bin/env bash
# Brings this machine to the point where Candor builds and runs. Usage: tools/setup.sh [node|system|packages|build|native|models|all]
# Each step looks first whether it is done; a second run does nothing.
set -euo pipefail
cd "$(dirname "$0")/.."
stamps=.candor
mkdir -p "$stamps"

say() { printf '\033[1mset-up:\033[0m %s\n' "$*" >&2; }
refuse() { printf 'set-up: %s\n' "$*" >&2; exit 1; }

# --- Node -----------------------------------------------------------------------------------------------------------

check_node() {
  command -v node >/dev/null || refuse "Node.js is not installed: install Node 20 or newer (https://nodejs.org/en/download), then run this again"
  local major
  major=$(node -p 'process.versions.node.split(".")[0]')
  [ "$major" -ge 20 ] || refuse "Node $(node -v) is too old: install Node 20 or newer, then run this again"
  command -v npm >/dev/null || refuse "npm is not installed: it comes with Node.js from nodejs.org; Debian has it as the package npm"
}

# SQLite with encryption is compiled on this machine; node-gyp needs Node's own headers.
check_headers() {
  [ -f node_modules/better-sqlite3-multiple-ciphers/build/Release/better_sqlite3.node ] && return
  local prefix version
  prefix=$(node -p 'require("path").resolve(process.execPath, "../..")')
  version=$(node -p process.versions.node)
  if [ -f "$prefix/include/node/node_api.h" ]; then
    # Headers beside node make the build independent of the network.
    export npm_config_nodedir="${npm_config_nodedir:-$prefix}"
  elif [ -f "${npm_config_nodedir:-/nonexistent}/include/node/node_api.h" ] || [ -f "$HOME/.cache/node-gyp/$version/include/node/node_api.h" ] || [ -f /usr/include/node/node_api.h ]; then
    :
  elif curl -fsSI --max-time 10 "https://nodejs.org/download/release/v$version/node-v$version-headers.tar.gz" >/dev/null 2>&1; then
    say "Node's headers are fetched from nodejs.org during the build"
  else
    refuse "Node's headers are needed to build SQLite and are not at $prefix/include/node, nor is nodejs.org in reach: install Node from its full archive, or set npm_config_nodedir to a folder with include/node/node_api.h"
  fi
}

# --- Debian packages ------------------------------------------------------------------------------------------------

# program or file : package
needs=(ffmpeg:ffmpeg mosquitto:mosquitto openssl:openssl python3:python3 pip3:python3-pip g++:build-essential make:build-essential setpriv:util-linux faketime:faketime espeak-ng:espeak-ng arecord:alsa-utils v4l2-ctl:v4l-utils bwrap:bubblewrap radicale:radicale xmlsec1:xmlsec1 sshd:openssh-server initdb:postgresql)

there() {
  command -v "$1" >/dev/null 2>&1 || [ -x "/usr/sbin/$1" ] || compgen -G "/usr/lib/postgresql/*/bin/$1" >/dev/null || { [ "$1" = pip3 ] && python3 -m pip --version >/dev/null 2>&1; }
}

system_packages() {
  local missing=() need program package
  for need in "${needs[@]}"; do
    program=${need%%:*} package=${need##*:}
    there "$program" || [[ " ${missing[*]-} " == *" $package "* ]] || missing+=("$package")
  done
  [ ${#missing[@]} -eq 0 ] && return
  command -v apt-get >/dev/null || refuse "these are missing, and this is no Debian: ${missing[*]}: install what corresponds to them"
  if [ "$(id -u)" -ne 0 ]; then
    refuse "these Debian packages are missing: ${missing[*]}. Run: sudo apt-get update && sudo apt-get install --yes --no-install-recommends ${missing[*]}"
  fi
  say "installing Debian packages: ${missing[*]}"
  # Debian would start a broker and a PostgreSQL of its own after the installation; the stack starts its own on free ports.
  apt-get update --quiet
  DEBIAN_FRONTEND=noninteractive RUNLEVEL=1 apt-get install --yes --no-install-recommends "${missing[@]}"
}

# --- npm packages ---------------------------------------------------------------------------------------------------

digest() { cat "$@" | sha256sum | cut -d' ' -f1; }

npm_packages() {
  local wanted
  wanted="$(digest package.json package-lock.json) $(node -p process.versions.modules)"
  if [ -d node_modules ] && [ "$(cat "$stamps/packages" 2>/dev/null || true)" = "$wanted" ]; then return; fi
  # An installation that npm itself finds complete is taken as it is.
  if [ -f node_modules/.package-lock.json ] && npm ls --all --silent >/dev/null 2>&1 && node -e 'new (require("better-sqlite3-multiple-ciphers"))(":memory:")' 2>/dev/null; then
    echo "$wanted" >"$stamps/packages"
    return
  fi
  system_packages
  check_headers
  say "installing npm packages (SQLite is compiled: this takes one to four minutes)"
  # The libraries that onnxruntime-node carries are all that is used: its install would fetch some for graphics cards besides.
  ONNXRUNTIME_NODE_INSTALL=skip npm ci --no-audit --no-fund --foreground-scripts=false
  node -e 'new (require("better-sqlite3-multiple-ciphers"))(":memory:")' || refuse "SQLite was not built: run npm rebuild better-sqlite3-multiple-ciphers and read its log"
  echo "$wanted" >"$stamps/packages"
}

# The test runner is built with the plug-ins that package.json names; where it is not, its first run would do so too late.
test_runner() {
  if grep -q "@tapjs/typescript" node_modules/@tapjs/test/test-built/dist/esm/index.js 2>/dev/null; then
    say "preparing the test runner"
    npx --no-install tap build >/dev/null
  fi
}

# --- build, models --------------------------------------------------------------------------------------------------

build() {
  # The compiler keeps its own record of what has changed.
  npx --no-install tsc -p tsconfig.json
}

# Where Node's own headers are, by the places that check_headers knows.
header_folder() {
  local prefix version folder
  prefix=$(node -p 'require("path").resolve(process.execPath, "../..")')
  version=$(node -p process.versions.node)
  for folder in "$prefix/include/node" "${npm_config_nodedir:-/nonexistent}/include/node" "$HOME/.cache/node-gyp/$version/include/node" /usr/include/node; do
    if [ -f "$folder/node_api.h" ]; then
      echo "$folder"
      return
    fi
  done
}

# The addon for GPIO lines: one file, one call of the compiler (CXX=aarch64-linux-gnu-g++ builds it for a Raspberry Pi).
native() {
  local source=drivers/gpio/native/lines.cc target=dist/drivers/gpio/native/lines.node compiler=${CXX:-g++} headers
  # An addon of another compiler may be for another processor.
  if [ "$target" -nt "$source" ] && [ "$(cat "$target.compiler" 2>/dev/null || true)" = "$compiler" ]; then return; fi
  [ "$(uname -s)" = Linux ] || return 0
  headers=$(header_folder)
  [ -n "$headers" ] || refuse "Node's headers are needed to build the GPIO addon: install Node from its full archive, or set npm_config_nodedir to a folder with include/node/node_api.h"
  mkdir -p "$(dirname "$target")"
  # Built beside its place: a process that has the old one loaded keeps it.
  "$compiler" -shared -fPIC -O2 -std=c++17 -Wall -Wextra -Werror -I"$headers" -o "$target.next" "$source" ||
    refuse "the GPIO addon was not built: $compiler and the kernel's headers (Debian: build-essential, linux-libc-dev) are needed"
  mv "$target.next" "$target"
  echo "$compiler" >"$target.compiler"
}

models() {
  local wanted
  wanted="$(digest inference/models/models.lock.json) ${CANDOR_MODELS_DIR:-default}"
  if [ "$(cat "$stamps/models" 2>/dev/null || true)" = "$wanted" ] && node cli/candor.js models verify --json >/dev/null 2>&1; then return; fi
  say "fetching models (about 300 MB the first time; each is checked against its hash)"
  node cli/candor.js models fetch
  echo "$wanted" >"$stamps/models"
}

step=${1:-all}
check_node
case "$step" in
  node) ;;
  system) system_packages ;;
  packages) npm_packages; test_runner ;;
  build) npm_packages; build; native ;;
  native) native ;;
  models | all) system_packages; npm_packages; test_runner; build; native; models ;;
  *) refuse "there is no step $step: node, system, packages, build, native, models or all" ;;
esac
