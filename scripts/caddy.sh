#!/bin/sh
# The tests of a team's server need Caddy in front: install Debian's where that is possible, else say what will be skipped.
command -v caddy >/dev/null 2>&1 && exit 0
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
    echo "Installing caddy for the tests of a team's server..."
    apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -qq -y caddy >/dev/null && exit 0
fi
echo "Caddy is not installed: the tests of a team's server are skipped." >&2
echo "On Debian and Ubuntu:  sudo apt-get install caddy" >&2
