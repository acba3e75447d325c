#!/bin/sh
# Installs what Debian and its descendants need, and nothing when it is there already:
#     sh share/setup.sh build           to build mprof-c and draw with it
#     sh share/setup.sh build test      and to run every test
#     sh share/setup.sh build test ci   and everything that .ci/run checks
set -eu

build='gcc libc6-dev meson ninja-build pkg-config python3 python3-dev libpng-dev zlib1g-dev
       libfreetype-dev libfontconfig-dev fonts-dejavu-core'
test='gnuplot-qt xvfb python3-memory-profiler python3-psutil python3-matplotlib python3-ipython'
ci='clang libclang-rt-dev clang-format valgrind bash zsh fish mandoc bash-completion'

packages=
for group in "${@:-build}"; do
	case $group in
	build) packages="$packages $build" ;;
	test) packages="$packages $test" ;;
	ci) packages="$packages $ci" ;;
	*) echo "setup.sh: there is no group '$group'; there are build, test and ci" >&2; exit 2 ;;
	esac
done

if ! command -v apt-get >/dev/null; then
	echo "setup.sh: no apt-get here; install by hand what these Debian packages hold:" $packages >&2
	exit 1
fi

missing=
for package in $packages; do
	dpkg-query -W -f '${Status}' "$package" 2>/dev/null | grep -q 'ok installed$' ||
		missing="$missing $package"
done
[ -n "$missing" ] || exit 0

if [ "$(id -u)" = 0 ]; then
	root=env
elif command -v sudo >/dev/null; then
	root='sudo env'
else
	echo "setup.sh: run this as root, or install sudo, to add these packages:$missing" >&2
	exit 1
fi
$root apt-get update -q
$root DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends $missing
