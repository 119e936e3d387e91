#!/bin/sh
# The browser tests need Chromium: install Debian's where that is possible, else say what to install.
for name in chromium chromium-browser google-chrome; do
    command -v "$name" >/dev/null 2>&1 && exit 0
done
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
    echo "Installing chromium for the browser tests..."
    apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -qq -y chromium >/dev/null && exit 0
fi
echo "The browser tests need Chromium, and it is not installed." >&2
echo "On Debian and Ubuntu:  sudo apt-get install chromium" >&2
echo "Elsewhere, install Chromium or Chrome so that 'chromium' or 'google-chrome' is on the PATH." >&2
exit 1
