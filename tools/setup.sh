# Sourced by tools/demo and tools/check: installing what is missing, building by preset. Not a program of its own.

# As Debian packages: what the library and the program need, what the tests need as well, and what 64-bit ARM takes.
build_packages=(cmake ninja-build g++ libxtensor-dev libxsimd-dev nlohmann-json3-dev libcli11-dev
                libjpeg62-turbo-dev libpng-dev)
test_packages=(clang clang-format libclang-rt-dev libomp-dev libgtest-dev libgmock-dev libbenchmark-dev)
arm_packages=(g++-aarch64-linux-gnu qemu-user libgtest-dev)

say() { printf '\n== %s (after %d s)\n' "$*" $SECONDS; }

# installed PACKAGE: Debian knows it as installed, or its program is here by another way.
installed() {
  [ "$(dpkg-query -W -f '${db:Status-Status}' "$1" 2>/dev/null)" = installed ] && return
  case $1 in
    cmake | g++ | clang-format) command -v "$1" ;;
    ninja-build) command -v ninja ;;
    clang) command -v clang++ ;;
    *) false ;;
  esac >/dev/null
}

# install PACKAGE...: one apt-get call for all that are missing. Where that cannot be, says what is missing and goes on.
install() {
  local missing=() as_root=() package
  for package in "$@"; do
    installed "$package" || missing+=("$package")
  done
  if [ ${#missing[@]} = 0 ]; then
    say "Nothing to install"
    return
  fi
  [ "$(id -u)" = 0 ] || as_root=(sudo)
  if ! command -v apt-get >/dev/null || ! command -v ${as_root[0]:-env} >/dev/null; then
    say "No apt-get here, or no right to run it. Going on, if CMake finds what is missing: ${missing[*]}"
    return
  fi
  as_root+=(env DEBIAN_FRONTEND=noninteractive)
  local apt=(apt-get install -y -q --no-install-recommends -o DPkg::Lock::Timeout=300 -o Dpkg::Use-Pty=0)
  say "Installing ${missing[*]}"
  "${as_root[@]}" "${apt[@]}" "${missing[@]}" && return
  say "That failed: fetching the lists of packages anew and trying again"
  "${as_root[@]}" apt-get update -q && "${as_root[@]}" "${apt[@]}" "${missing[@]}" && return
  say "That failed, too. Going on, if CMake finds what is missing: ${missing[*]}"
}

# build PRESET [CMAKE ARGUMENT...] [-- BUILD ARGUMENT...]: configures and builds into build/PRESET.
build() {
  local preset=$1 configure=()
  shift
  while [ $# -gt 0 ] && [ "$1" != -- ]; do
    configure+=("$1")
    shift
  done
  [ $# -gt 0 ] && shift
  command -v ccache >/dev/null && configure+=(-DCMAKE_CXX_COMPILER_LAUNCHER=ccache)
  cmake --preset "$preset" --log-level=NOTICE "${configure[@]}" && cmake --build --preset "$preset" "$@"
}
