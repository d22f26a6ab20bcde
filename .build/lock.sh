# Sourced by ./holdfast and ./check: one build of this tree at a time. Expects ROOT.

# Takes the build lock, waiting for whoever holds it. It ends with this shell.
build_lock() {
  mkdir -p "$ROOT/target"
  if command -v flock >/dev/null 2>&1; then
    exec 9>"$ROOT/target/build.lock"
    if ! flock -n 9; then
      echo "holdfast: another build of this tree is running, waiting for it" >&2
      flock 9
    fi
    return 0
  fi
  # Without flock (macOS): a directory with the owner's pid in it.
  lock_said=
  until mkdir "$ROOT/target/build.lock.d" 2>/dev/null; do
    lock_owner=$(cat "$ROOT/target/build.lock.d/pid" 2>/dev/null || true)
    if [ -n "$lock_owner" ] && ! kill -0 "$lock_owner" 2>/dev/null; then
      rm -rf "$ROOT/target/build.lock.d"
      continue
    fi
    [ -n "$lock_said" ] || echo "holdfast: another build of this tree is running, waiting for it" >&2
    lock_said=1
    sleep 1
  done
  echo $$ > "$ROOT/target/build.lock.d/pid"
  trap 'rm -rf "$ROOT/target/build.lock.d"' EXIT
  trap 'exit 130' INT
  trap 'exit 143' TERM
}

build_unlock() {
  if command -v flock >/dev/null 2>&1; then
    exec 9>&-
  else
    rm -rf "$ROOT/target/build.lock.d"
    trap - EXIT INT TERM
  fi
}
