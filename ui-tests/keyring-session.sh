#!/bin/sh
# Runs a command inside a session of its own: an empty home, a private D-Bus, and a real GNOME Keyring on it.
#
#   ui-tests/keyring-session.sh [MODE] COMMAND [ARGUMENT...]
#
#   --unlocked    the keyring runs and is unlocked (when no mode is given)
#   --locked      the keyring runs, has a locked default collection, and nobody is there to unlock it
#   --empty       the keyring runs and has no collection at all, as before a first login
#   --no-keyring  there is a bus, and nothing on it keeps secrets
#   --no-bus      DBUS_SESSION_BUS_ADDRESS points to where no bus is
#   --forbidden   the keyring runs, and the bus forbids talking to it, as a sandbox does
#
# Nothing is activated on this bus, so no window can ask for a password on the screen of whoever runs this.
# The exit code is the command's; 125 says that the session itself could not be made.
set -eu

mode=--unlocked
case ${1-} in
--unlocked | --locked | --empty | --no-keyring | --no-bus | --forbidden)
	mode=$1
	shift
	;;
esac
if [ $# -eq 0 ]; then
	echo "usage: $0 [--unlocked|--locked|--empty|--no-keyring|--no-bus|--forbidden] COMMAND [ARGUMENT...]" >&2
	exit 125
fi
for program in dbus-run-session dbus-daemon dbus-send gnome-keyring-daemon; do
	if ! command -v "$program" >/dev/null; then
		echo "$0: $program is missing. On Debian: apt install dbus gnome-keyring" >&2
		exit 125
	fi
done

# Second stage: on the private bus.
if [ "${KEYRING_SESSION_STAGE-}" = bus ]; then
	unset KEYRING_SESSION_STAGE

	has_owner() {
		dbus-send --session --print-reply=literal --dest=org.freedesktop.DBus /org/freedesktop/DBus \
			org.freedesktop.DBus.NameHasOwner string:org.freedesktop.secrets 2>/dev/null | grep -q true
	}

	# start_keyring PASSWORD-OR-NOTHING: leaves its process id in $keyring.
	start_keyring() {
		if [ -n "$1" ]; then
			printf %s "$1" | gnome-keyring-daemon --foreground --unlock --components=secrets >>"$HOME/keyring.log" 2>&1 &
		else
			gnome-keyring-daemon --foreground --components=secrets </dev/null >>"$HOME/keyring.log" 2>&1 &
		fi
		keyring=$!
		tries=0
		until has_owner; do
			tries=$((tries + 1))
			if [ $tries -gt 200 ] || ! kill -0 $keyring 2>/dev/null; then
				echo "$0: gnome-keyring-daemon did not start:" >&2
				cat "$HOME/keyring.log" >&2
				exit 125
			fi
			sleep 0.05
		done
	}

	stop_keyring() {
		kill $keyring 2>/dev/null || true
		wait $keyring 2>/dev/null || true
	}

	keyring=
	case $mode in
	--unlocked | --forbidden) start_keyring session ;;
	--no-keyring) ;;
	--empty) start_keyring "" ;;
	--locked)
		start_keyring session
		stop_keyring
		start_keyring ""
		;;
	esac
	code=0
	"$@" || code=$?
	[ -z "$keyring" ] || stop_keyring
	exit $code
fi

# First stage: the home and the bus.
home=$(mktemp -d)
trap 'rm -rf "$home"' EXIT
trap 'exit 130' INT TERM
mkdir -m 0700 "$home/runtime"
export HOME="$home" XDG_RUNTIME_DIR="$home/runtime"
unset XDG_CONFIG_HOME XDG_DATA_HOME XDG_CACHE_HOME XDG_STATE_HOME GNOME_KEYRING_CONTROL DBUS_SESSION_BUS_ADDRESS

if [ "$mode" = --no-bus ]; then
	code=0
	DBUS_SESSION_BUS_ADDRESS="unix:path=$home/runtime/bus" "$@" || code=$?
	exit $code
fi

forbid=
[ "$mode" != --forbidden ] || forbid='<deny send_destination="org.freedesktop.secrets"/>'
cat >"$home/bus.conf" <<END
<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
  "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>session</type>
  <listen>unix:dir=$home/runtime</listen>
  <auth>EXTERNAL</auth>
  <policy context="default">
    <allow send_destination="*" eavesdrop="true"/>
    <allow eavesdrop="true"/>
    <allow own="*"/>
    $forbid
  </policy>
</busconfig>
END
code=0
KEYRING_SESSION_STAGE=bus dbus-run-session --config-file="$home/bus.conf" -- "$0" "$mode" "$@" || code=$?
exit $code
