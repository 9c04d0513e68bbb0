#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Proves both commands of the README on a machine that has nothing: a bare Debian 12, made by debootstrap in a
# scratch directory from the mirror that this machine's apt uses. As root:
#
#	tests/bare_debian.sh [--keep]
#
# What is committed is what is tried (a clone of HEAD). The commands run as root, without sudo, in their own mount and
# process namespaces, so nothing of theirs outlives this script. Exit code 0: both succeeded.
set -u
cd "$(dirname "$0")/.." || exit 1
suite=bookworm

die()
{
	printf 'tests/bare_debian.sh: %s\n' "$*" >&2
	exit 1
}

[ "$(id -u)" -eq 0 ] || die "needs root, for debootstrap and chroot"
for program in debootstrap unshare git apt-get; do
	command -v "$program" >/dev/null || die "$program is not installed (apt-get install debootstrap util-linux git)"
done
git diff --quiet HEAD -- || echo "Note: changes that are not committed are not tried."

bare=$(mktemp -d "${TMPDIR:-/var/tmp}/runwake-bare.XXXXXX") || die "no scratch directory"
clean_up()
{
	if [ "${keep:-no}" = yes ]; then
		echo "Kept: $bare"
	else
		rm -rf --one-file-system "$bare"
	fi
}
trap clean_up EXIT
keep=no
[ "${1:-}" != --keep ] || keep=yes

# "URI RELEASE COMPONENT", one a line, of the Debian archives that this machine's apt knows.
debian_archives()
{
	apt-get indextargets --format '$(REPO_URI) $(RELEASE) $(COMPONENT)' 'Created-By: Packages' 'Origin: Debian' | sort -u
}

mirror=$(debian_archives | awk -v suite="$suite" '$2 == suite && $3 == "main" { print $1; exit }')
[ -n "$mirror" ] || die "this machine's apt knows no Debian $suite (run apt-get update first)"
began=$SECONDS
chmod 755 "$bare"	# a root directory that nobody else may enter is no Debian

echo "== A bare Debian ($suite, minbase)"
debootstrap --variant=minbase "$suite" "$bare" "$mirror" >"$bare.log" 2>&1 || {
	tail -n 20 "$bare.log"
	rm -f "$bare.log"
	die "debootstrap failed"
}
rm -f "$bare.log"
debian_archives | awk -v suite="$suite" 'index($2, suite) == 1 { print "deb", $1, $2, $3 }' >"$bare/etc/apt/sources.list"
# How this machine's apt reaches the archives (a proxy, or a mirror that lags behind its dates) holds there too.
apt-config dump Acquire | grep -E '^Acquire::(http|https|ftp|Retries|Check-)' >"$bare/etc/apt/apt.conf.d/90host"
cp -L /etc/resolv.conf "$bare/etc/resolv.conf"
cp -L /etc/hosts "$bare/etc/hosts"
git clone -q --no-local . "$bare/root/runwake" || die "the tree cannot be cloned"
echo "$(find "$bare/var/lib/dpkg/info" -name '*.list' | wc -l) packages, $((SECONDS - began)) s"

in_bare() # COMMAND, run by sh in the tree
{
	local -a proxies=()
	local name
	for name in http_proxy https_proxy no_proxy HTTP_PROXY HTTPS_PROXY NO_PROXY; do
		[ -z "${!name:-}" ] || proxies+=("$name=${!name}")
	done
	# shellcheck disable=SC2016
	unshare --mount --pid --fork --kill-child sh -c '
		mount -t proc proc "$1/proc" && mount -t tmpfs tmpfs "$1/tmp" &&
		mkdir -p "$1/dev/shm" "$1/dev/pts" && mount -t tmpfs tmpfs "$1/dev/shm" &&
		mount -t devpts -o newinstance,ptmxmode=666,mode=620 devpts "$1/dev/pts" &&
		mount --bind "$1/dev/pts/ptmx" "$1/dev/ptmx" && shift && exec "$@"' sh "$bare" \
	    chroot "$bare" env -i HOME=/root PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin \
	    "${proxies[@]}" sh -c "cd /root/runwake && $1" </dev/null
}

try() # COMMAND; what it printed last goes into the summary
{
	local start=$SECONDS status
	printf '\n== %s\n' "$1"
	in_bare "$1" >"$bare.out" 2>&1
	status=$?
	cat "$bare.out"
	summary+=("$(printf '%-20s exit %d, %d s: %s' "$1" "$status" $((SECONDS - start)) "$(tail -n 1 "$bare.out")")")
	rm -f "$bare.out"
	[ "$status" -eq 0 ] || failed=yes
}

failed=no
summary=()
try './install.sh --demo .'
try 'tests/check.sh'
printf '\n== In a bare Debian %s\n' "$(cat "$bare/etc/debian_version")"
printf '%s\n' "${summary[@]}"
[ "$failed" = no ]
