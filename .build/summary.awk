# Sums surefire's reports: a line per room, the skipped tests with their reasons, and the totals as the last line.
# Variables: seconds, code (Maven's exit code), ci ("true": a skipped test is a failure). Exit: 0 only when all is well.

function attribute(line, name,    rest) {
  if (!match(line, " " name "=\"[^\"]*\"")) return ""
  rest = substr(line, RSTART, RLENGTH)
  sub(/^[^"]*"/, "", rest)
  sub(/"$/, "", rest)
  gsub(/&lt;/, "<", rest); gsub(/&gt;/, ">", rest); gsub(/&quot;/, "\"", rest); gsub(/&#10;/, " ", rest)
  gsub(/&amp;/, "\\&", rest)
  return rest
}

FNR == 1 && FILENAME != "/dev/null" {
  n = split(FILENAME, parts, "/")
  room = parts[n - 3]
  if (!(room in seen)) { order[++rooms] = room; seen[room] = 1 }
}

/<testsuite / {
  tests[room] += attribute($0, "tests")
  failed[room] += attribute($0, "failures") + attribute($0, "errors")
  skipped[room] += attribute($0, "skipped")
  time[room] += attribute($0, "time")
}

/<testcase / { test = attribute($0, "classname") "." attribute($0, "name") }

/<skipped/ {
  reason = attribute($0, "message")
  skips[++skipCount] = "  skipped: " test ": " (reason == "" ? "no reason given" : reason)
}

/<(failure|error)[ >\/]/ { failures[++failureCount] = "  failed: " test }

END {
  print ""
  for (i = 1; i <= rooms; i++) {
    room = order[i]
    passed = tests[room] - failed[room] - skipped[room]
    printf "%-10s %4d passed %3d failed %3d skipped  %7.1f s\n", room, passed, failed[room], skipped[room], time[room]
    allPassed += passed; allFailed += failed[room]; allSkipped += skipped[room]
  }
  for (i = 1; i <= failureCount; i++) print failures[i]
  for (i = 1; i <= skipCount; i++) print skips[i]
  bad = 0
  if (code != 0) { print "the build failed (Maven said " code "; see target/check.log)"; bad = 1 }
  if (rooms == 0) { print "no test ran"; bad = 1 }
  if (allFailed > 0) bad = 1
  if (ci == "true" && allSkipped > 0) { print "a skipped test fails a run with CI=true"; bad = 1 }
  printf "%s after %d s\n", (bad ? "NOT GOOD" : "good"), seconds
  printf "%d passed, %d failed, %d skipped\n", allPassed, allFailed, allSkipped
  exit bad
}
