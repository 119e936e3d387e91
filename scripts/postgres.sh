#!/bin/sh
# The tests of a team's database need PostgreSQL: install Debian's where that is possible, else say what will be skipped.
found() {
    command -v postgres >/dev/null 2>&1 || ls /usr/lib/postgresql/*/bin/postgres >/dev/null 2>&1
}
found && exit 0
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
    echo "Installing postgresql for the tests of a team's database..."
    export DEBIAN_FRONTEND=noninteractive
    apt-get update -qq && apt-get install -qq -y postgresql-common >/dev/null &&
        # no server of the system's own: the tests start theirs
        sed -i 's/^#*create_main_cluster.*/create_main_cluster = false/' /etc/postgresql-common/createcluster.conf &&
        apt-get install -qq -y postgresql >/dev/null && found && exit 0
fi
echo "PostgreSQL is not installed: the tests of a team's database are skipped." >&2
echo "On Debian and Ubuntu:  sudo apt-get install postgresql" >&2
