#!/bin/sh
# Installs what Debian and its descendants need, and nothing when it is there already. Nothing is ever removed.
#     sh share/setup.sh build           to build mprof-c and draw with it
#     sh share/setup.sh build test      and to run every test
#     sh share/setup.sh build test ci   and everything that .ci/run checks
set -eu

# a|b: any of them serves, and the first is installed.
build='gcc libc6-dev meson ninja-build pkg-config python3 python3-dev libpng-dev zlib1g-dev
       libfreetype-dev libfontconfig-dev fonts-dejavu-core libdw-dev libiberty-dev'
test='gnuplot-qt|gnuplot-x11|gnuplot-nox xvfb x11-utils python3-memory-profiler python3-psutil python3-matplotlib python3-ipython
      python3-greenlet python3-joblib python3-pytest python3-yaml tmux'
ci='clang libclang-rt-dev clang-format valgrind bash zsh fish mandoc bash-completion
    chromium protobuf-compiler python3-jsonschema python3-nbclient python3-ipykernel prometheus prometheus-node-exporter python3-torch
    slurmctld slurmd slurm-client munge openmpi-bin mpich python3-mpi4py
    chrpath debhelper debootstrap dh-python dpkg-dev fakeroot lintian python3-mesonpy python3-venv'

# What reads our exports and checks our pages, of npm, where that is there: Debian's own brings 360 packages, which take
# minutes. The tests find it where npm has put it.
readers='axe-core@4.14.1 @firefox-devtools/profiler-cli@0.10.0 speedscope@1.25.0'

packages='' with_readers=''
for group in "${@:-build}"; do
	case $group in
	build) packages="$packages $build" ;;
	test) packages="$packages $test" ;;
	ci) packages="$packages $ci" with_readers=yes ;;
	*) echo "setup.sh: there is no group '$group'; there are build, test and ci" >&2; exit 2 ;;
	esac
done

if ! command -v apt-get >/dev/null; then
	echo "setup.sh: no apt-get here; install by hand what these Debian packages hold:" $packages >&2
	exit 1
fi

there() { # there PACKAGE…: one of them is installed
	dpkg-query -W -f '${Status}\n' "$@" 2>/dev/null | grep -q 'ok installed$'
}

missing=
for choice in $packages; do
	there $(echo "$choice" | tr '|' ' ') || missing="$missing ${choice%%|*}"
done
if [ "$(id -u)" = 0 ]; then
	root=env
elif command -v sudo >/dev/null; then
	root='sudo env'
else
	root=''
fi

add_packages() {
	[ -n "$root" ] || {
		echo "setup.sh: run this as root, or install sudo, to add these packages:$missing" >&2
		exit 1
	}
	# Servers are wanted as programs only: while packages are added none of them is started as a service.
	policy=/usr/sbin/policy-rc.d
	case $missing in
	*prometheus* | *slurm* | *munge*)
		if [ -d "${policy%/*}" ] && [ ! -e $policy ]; then
			trap '$root rm -f $policy' EXIT
			$root sh -c "printf '#!/bin/sh\nexit 101\n' >$policy && chmod 755 $policy"
		fi ;;
	esac
	$root apt-get update -q
	$root DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends --no-remove $missing || {
		echo "setup.sh: apt-get could not add these packages, or only by removing others:$missing" >&2
		exit 1
	}
}

add_readers() {
	command -v npm >/dev/null && folder=$(npm root -g) || return 1
	wanted=''
	for reader in $readers; do
		[ -f "$folder/${reader%@*}/package.json" ] || wanted="$wanted $reader"
	done
	[ -z "$wanted" ] || $root npm install -g --ignore-scripts --no-audit --no-fund --loglevel=error $wanted
}

[ -z "$missing" ] || add_packages
[ -n "$with_readers" ] || exit 0
add_readers || echo "setup.sh: without npm's $readers the tests that need them are left out" >&2
