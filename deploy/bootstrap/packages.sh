#!/bin/sh
# Install system packages on Debian without starting anything. Run by set-up as root or through sudo, or by hand.
set -eu
export DEBIAN_FRONTEND=noninteractive

policy=/usr/sbin/policy-rc.d # asked by each package before it starts a service: 101 means no
if [ ! -e "$policy" ]; then
    printf '#!/bin/sh\nexit 101\n' >"$policy"
    chmod 755 "$policy"
    trap 'rm -f "$policy"' EXIT
fi

apt-get -q update
apt-get -q install -y --no-install-recommends ${REINSTALL:+--reinstall} "$@"

for unit in prometheus prometheus-alertmanager; do # nor at the next boot: our own processes run them
    case " $* " in *" $unit "*) systemctl disable --quiet "$unit" 2>/dev/null || true ;; esac
done
