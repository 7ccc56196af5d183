# Sourced by ./tendril for `tendril test`: everything that Tendril can prove about itself, in one
# command. All suites write JUnit XML; one awk program counts them.

# Names and removes the reports of an earlier run, so that nothing stale is counted.
reports() {
    find "$root" -name node_modules -prune -o -path '*/target/*' -name 'TEST-*.xml' -print
}

find_chromium() {
    for candidate in "${CHROMIUM:-}" chromium chromium-browser google-chrome \
        '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome'; do
        [ -n "$candidate" ] || continue
        found=$(command -v "$candidate" 2>/dev/null) && [ -n "$found" ] && {
            CHROMIUM=$found
            export CHROMIUM
            return 0
        }
    done
    return 1
}

# Chromium by the system's packages as root, else by Playwright's own download.
get_chromium() {
    find_chromium && return 0
    if [ "$(id -u)" -eq 0 ] && command -v apt-get >/dev/null 2>&1; then
        say "Fetching Chromium (apt) …"
        {
            apt-get update -q && DEBIAN_FRONTEND=noninteractive \
                apt-get install -q -y --no-install-recommends chromium
        } > "$root/target/chromium.log" 2>&1 && find_chromium && return 0
    fi
    say "Fetching Chromium (Playwright) …"
    (cd "$root/web" && npx --no-install playwright install chromium) \
        >> "$root/target/chromium.log" 2>&1 || return 1
    CHROMIUM=$(cd "$root/web" &&
        node -e "process.stdout.write(require('@playwright/test').chromium.executablePath())") &&
        [ -x "$CHROMIUM" ] && export CHROMIUM
}

# Programs that some tests need and skip without: `get_program <name> <Debian package>`.
get_program() {
    command -v "$1" >/dev/null 2>&1 && return 0
    [ "$(id -u)" -eq 0 ] && command -v apt-get >/dev/null 2>&1 || return 0
    say "Fetching $1 (apt) …"
    {
        apt-get update -q && DEBIAN_FRONTEND=noninteractive \
            apt-get install -q -y --no-install-recommends "$2"
    } > "$root/target/$1.log" 2>&1 || say "apt could not install $2; see target/$1.log."
}

# Each `*Test` and `*IT` class must have left a report: a class that no runner picked up is no success.
# Classes tagged as nightly are left out of an ordinary run.
missing_reports() {
    for module in api/contract api/service relay worker infra; do
        [ -d "$root/$module/src/test/java" ] || continue
        (cd "$root/$module/src/test/java" && find . -name '*Test.java' -o -name '*IT.java') |
            while IFS= read -r file; do
                source=$root/$module/src/test/java/$file
                grep -q -e '@Test\b' -e '@ParameterizedTest' -e '@RepeatedTest' -e '@TestFactory' \
                    -e '@ArchTest' "$source" || continue
                grep -q 'abstract class' "$source" && continue
                [ -n "$excluded" ] && grep -q '^@Tag("nightly")' "$source" && continue
                class=${file#./}
                class=$(printf '%s' "${class%.java}" | tr / .)
                ls "$root/$module"/target/*-reports/TEST-"$class".xml >/dev/null 2>&1 ||
                    printf '%s\n' "$class"
            done
    done
}

# Reads JUnit XML; writes `passed failed skipped` and then a line for each failed or skipped test.
count='
function attribute(line, name,    part) {
    if (!match(line, "[ \t]" name "=\"[^\"]*\"")) return ""
    part = substr(line, RSTART, RLENGTH)
    sub("^[ \t]*" name "=\"", "", part)
    sub("\"$", "", part)
    gsub("&quot;", "\"", part); gsub("&apos;", "\047", part); gsub("&#39;", "\047", part)
    gsub("&lt;", "<", part); gsub("&gt;", ">", part); gsub("&#10;", " ", part)
    gsub("&amp;", "\\&", part)
    return part
}
/^[ \t]*<testsuite[ \t]/ {
    tests += attribute($0, "tests")
    failed += attribute($0, "failures") + attribute($0, "errors")
    skipped += attribute($0, "skipped")
}
/^[ \t]*<testcase[ \t]/ { test = attribute($0, "classname") ": " attribute($0, "name") }
/<skipped/ && !/^[ \t]*<testsuite/ {
    why = attribute($0, "message")
    details = details "skipped  " test (why == "" ? "" : " (" why ")") "\n"
}
/^[ \t]*<(failure|error)[ \t>]/ {
    why = attribute($0, "message")
    details = details "failed   " test (why == "" ? "" : " (" substr(why, 1, 200) ")") "\n"
}
END { printf "%d %d %d\n%s", tests - failed - skipped, failed, skipped, details }'

run_tests() {
    excluded=nightly
    if [ "${1:-}" = --nightly ]; then
        excluded=
        shift
    fi
    [ $# -eq 0 ] || fail "test takes one option, --nightly."
    require_build_tools
    [ -d "$root/web/e2e" ] || fail "web/e2e is missing."
    begun=$(date +%s)
    problems=0
    skips=0
    notes=$root/target/test-notes
    : > "$notes"
    reports | while IFS= read -r report; do rm -f "$report"; done

    get_program nats-server nats-server
    get_program nginx nginx
    get_program faketime faketime

    say "The launcher …"
    sh "$root/infra/launcher/check.sh" "$root" "$root/target/TEST-launcher.xml" >&2 || :

    # Java tests of other modules talk to the pages' packages, before Maven comes to web.
    if [ -z "$(find "$root/web/node_modules/.package-lock.json" -newer "$root/web/package-lock.json" 2>/dev/null)" ]; then
        say "Fetching the pages' packages (npm) …"
        (cd "$root/web" && npm ci --no-audit --no-fund --loglevel=error) \
            > "$root/target/npm.log" 2>&1 || {
            tail -n 5 "$root/target/npm.log" >&2
            fail "npm could not fetch the pages' packages; see target/npm.log."
        }
    fi

    say "Java and unit tests …"
    log=$root/target/test.log
    if ! maven "$log" -T 2 -fae -Dmaven.test.failure.ignore=true -Dweb.required=true \
        "-Dtest.excluded=$excluded" verify; then
        grep -e '^\[ERROR\]' "$log" | head -n 40 >&2
        say "The whole log: $log"
        mvn_failed=yes
    else
        mvn_failed=no
        : > "$root/target/.built-app"
    fi
    missing_reports | sed 's/^/failed   not run at all: /' >> "$notes"

    if [ ! -f "$relay_jar" ] || [ ! -f "$worker_jar" ]; then
        printf '%s\n' "failed   browser tests: there is no relay or worker to test" >> "$notes"
    elif get_chromium; then
        train
        say "Browser tests ($CHROMIUM) …"
        (
            cd "$root/web" &&
                PLAYWRIGHT_JUNIT_OUTPUT_NAME=$root/web/target/TEST-browser.xml \
                    PLAYWRIGHT_JUNIT_OUTPUT_FILE=$root/web/target/TEST-browser.xml \
                    npm run --silent test:e2e -- --reporter=list,junit
        ) > "$root/target/browser.log" 2>&1 || {
            tail -n 60 "$root/target/browser.log" >&2
            say "The whole log: $root/target/browser.log"
        }
        [ -f "$root/web/target/TEST-browser.xml" ] ||
            printf '%s\n' "failed   browser tests: no report" >> "$notes"
    else
        printf '%s\n' "skipped  browser tests (no Chromium could be had: neither on the PATH, nor by apt, nor by Playwright; see target/chromium.log, or set CHROMIUM)" >> "$notes"
    fi

    all=$root/target/test-summary
    reports > "$all.list"
    while IFS= read -r report; do cat "$report"; printf '\n'; done < "$all.list" |
        awk "$count" > "$all"
    read -r passed failed skipped < "$all"
    sed 1d "$all" >> "$notes"
    # Micronaut skips, and so passes, a test class whose bean was not generated.
    sed -i.bak 's/^skipped \(.*Test is not bean.*\)/failed  \1/' "$notes" && rm -f "$notes.bak"
    extra_failed=$(grep -c -e '^failed   not run' -e '^failed   browser tests: ' -e '^failed .*Test is not bean' "$notes")
    beanless=$(grep -c -e '^failed .*Test is not bean' "$notes")
    extra_skipped=$(grep -c '^skipped  browser tests' "$notes")
    failed=$((failed + extra_failed))
    skipped=$((skipped - beanless + extra_skipped))
    if [ "$mvn_failed" = yes ] && [ "$failed" -eq 0 ]; then
        explain "$log"
        failed=1
    fi
    # A Mac's and a busy CI's own limits are no excuse: there a skip is a failure.
    sort -u "$notes" >&2
    say "Tested in $(($(date +%s) - begun)) s."
    result=0
    [ "$failed" -eq 0 ] && [ "$passed" -gt 0 ] || result=1
    if [ "$skipped" -gt 0 ] && [ "${CI:-}" = true ]; then
        say "A skipped test is a failure here (CI=true)."
        result=1
    fi
    printf '%s passed, %s failed, %s skipped\n' "$passed" "$failed" "$skipped"
    exit "$result"
}
