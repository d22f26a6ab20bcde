# Sourced by ./holdfast and ./check: finds a JDK of version 25 or newer and exports JAVA_HOME, or says what to install.
# Reads the JDK's `release` file instead of starting a JVM: choosing costs about a millisecond.

# Major version of the JDK in a directory; nothing when it is no JDK (a JRE has no javac).
jdk_major() {
  [ -x "$1/bin/java" ] && [ -x "$1/bin/javac" ] && [ -r "$1/release" ] || return 0
  while IFS='=' read -r jdk_key jdk_value; do
    if [ "$jdk_key" = JAVA_VERSION ]; then
      jdk_value=${jdk_value#\"}
      jdk_value=${jdk_value%%[!0-9]*}
      printf '%s' "$jdk_value"
      return 0
    fi
  done < "$1/release"
}

jdk_try() {
  jdk_found=$(jdk_major "$1")
  if [ "${jdk_found:-0}" -ge 25 ]; then
    JAVA_HOME=$1
    export JAVA_HOME
    return 0
  fi
  return 1
}

find_jdk() {
  if [ -n "${JAVA_HOME:-}" ] && jdk_try "$JAVA_HOME"; then
    return 0
  fi
  jdk_java=$(command -v java 2>/dev/null || true)
  if [ -n "$jdk_java" ]; then
    jdk_real=$(readlink -f "$jdk_java" 2>/dev/null || printf '%s' "$jdk_java")
    if jdk_try "${jdk_real%/bin/java}"; then
      return 0
    fi
  fi
  if [ -x /usr/libexec/java_home ]; then
    jdk_mac=$(/usr/libexec/java_home -v 25+ 2>/dev/null || true)
    if [ -n "$jdk_mac" ] && jdk_try "$jdk_mac"; then
      return 0
    fi
  fi
  for jdk_dir in /usr/lib/jvm/*25* /usr/lib/jvm/* /opt/*25* /opt/* /opt/*/* "${HOME:-/nonexistent}"/.sdkman/candidates/java/* \
    "${HOME:-/nonexistent}"/.jdks/* /Library/Java/JavaVirtualMachines/*/Contents/Home; do
    if jdk_try "$jdk_dir"; then
      return 0
    fi
  done
  echo "holdfast: no JDK 25 or newer found; install one (Debian: apt install openjdk-25-jdk, or Temurin 25 from https://adoptium.net) or set JAVA_HOME." >&2
  return 1
}
