#!/bin/sh
# Tests of ./tendril itself, with a stand-in JDK, Maven and npm: check.sh <repository> <report.xml>
set -u

repository=$1
report=$2
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT INT TERM
tests=0
failures=0
cases=$work/cases
: > "$cases"

# A copy of the launcher that looks for JDKs only below $work.
clone="$work/a clone"
mkdir -p "$clone/relay" "$clone/worker" "$clone/web" "$clone/infra" "$clone/api/contract/src/main" \
    "$clone/relay/src/main" "$work/jvm" "$work/home"
sed -e "s,/usr/lib/jvm/,$work/jvm/,g" -e "s,/opt/,$work/opt/,g" \
    -e "s, /Library/, $work/Library/,g" "$repository/tendril" > "$clone/tendril"
chmod +x "$clone/tendril"
: > "$clone/pom.xml"
: > "$clone/relay/src/main/Main.java"

jdk() { # jdk <folder> <version>
    mkdir -p "$1/bin"
    printf 'IMPLEMENTOR="X"\nJAVA_VERSION="%s"\n' "$2" > "$1/release"
    printf '#!/bin/sh\necho "java of %s"\nfor a in "$@"; do echo "[$a]"; done\n' "$1" > "$1/bin/java"
    cp "$1/bin/java" "$1/bin/javac"
    chmod +x "$1/bin/java" "$1/bin/javac"
}

# The system's tools, without any java, mvn or npm.
tools="$work/tools"
mkdir -p "$tools"
for tool in sh dirname readlink find head tee sed grep cat rm mv mkdir date df awk id printf tail \
    sort ls tr mktemp; do
    found=$(command -v "$tool") && case $found in /*) ln -sf "$found" "$tools/$tool" ;; esac
done

maven() { # maven <line to print> <exit value>
    mkdir -p "$work/bin"
    cat > "$work/bin/mvn" <<SCRIPT
#!/bin/sh
echo "[INFO] Building Tendril contract 0.1.0 [1/2]"
echo "\$JAVA_HOME" > "$work/java-home"
echo run >> "$work/builds"
echo "$1"
[ $2 -eq 0 ] || exit $2
mkdir -p relay/target worker/target
: > relay/target/tendril-relay-0.1.0-SNAPSHOT-all.jar
: > worker/target/tendril-worker-0.1.0-SNAPSHOT-all.jar
SCRIPT
    chmod +x "$work/bin/mvn"
    printf '#!/bin/sh\n' > "$work/bin/npm"
    chmod +x "$work/bin/npm"
}

run() { # run <arguments…>: output in $out, exit value in $code
    out=$(cd "$work" && env -i HOME="$work/home" PATH="$work/bin:$tools" ${JAVA_HOME_FOR_RUN:+JAVA_HOME="$JAVA_HOME_FOR_RUN"} \
        "${launcher:-$clone/tendril}" "$@" 2>&1)
    code=$?
}

check() { # check <name> <exit value> <text that must be there>
    tests=$((tests + 1))
    case $out in
        *"$3"*) has=yes ;;
        *) has=no ;;
    esac
    if [ "$code" -eq "$2" ] && [ "$has" = yes ]; then
        printf '<testcase classname="launcher" name="%s"/>\n' "$1" >> "$cases"
    else
        failures=$((failures + 1))
        printf 'launcher: %s: exit value %s, wanted %s and "%s":\n%s\n' "$1" "$code" "$2" "$3" "$out"
        printf '<testcase classname="launcher" name="%s">\n<failure message="exit value %s"/></testcase>\n' \
            "$1" "$code" >> "$cases"
    fi
}

builds() { out="$(cat "$work/builds" 2>/dev/null | wc -l | tr -d ' ') builds"; code=0; }

for shell in dash bash sh; do
    command -v "$shell" >/dev/null 2>&1 || continue
    out=$("$shell" -n "$repository/tendril" 2>&1 && "$shell" -n "$repository/infra/launcher/test.sh" 2>&1)
    code=$?
    check "is valid for $shell" 0 ""
done

maven "fine" 0
run help
check "help needs no JDK" 0 "Usage: ./tendril"
run nonsense
check "an unknown command is named" 2 "unknown command 'nonsense'"
run up
check "without a JDK it says what to install" 1 "needs a JDK 25 or newer"
tests=$((tests + 1))
if [ "$(printf '%s\n' "$out" | wc -l)" -eq 2 ]; then
    printf '<testcase classname="launcher" name="and says it in two lines"/>\n' >> "$cases"
else
    failures=$((failures + 1))
    printf '<testcase classname="launcher" name="and says it in two lines">\n<failure/></testcase>\n' >> "$cases"
fi

jdk "$work/old" 17.0.15
ln -s "$work/old/bin/java" "$work/bin/java"
JAVA_HOME_FOR_RUN=$work/old run up
check "an older default java is no JDK for us" 1 "needs a JDK 25 or newer"
jdk "$work/home/.sdkman/candidates/java/25.0.1-tem" 25.0.1
run up --port 0 --data-dir 'a b'
check "finds the JDK of SDKMAN" 0 "java of $work/home/.sdkman/candidates/java/25.0.1-tem"
check "passes its arguments on" 0 "[a b]"
jdk "$work/jvm/temurin 26" 26-ea
run up
check "finds a JDK in the usual folder, with a space" 0 "java of $work/jvm/temurin 26"
jdk "$work/mine" 25
JAVA_HOME_FOR_RUN=$work/mine run up
check "JAVA_HOME wins" 0 "java of $work/mine"
rm "$work/bin/java"
ln -s "$work/mine/bin/java" "$work/bin/java"
run up
check "then the java on the PATH, through its link" 0 "java of $work/mine"
rm "$work/bin/java"

builds
check "built once for all these starts" 0 "1 builds"
out=$(cat "$work/java-home")
check "Maven runs on the JDK that was found" 0 "sdkman"
touch -t 203001010000 "$clone/relay/src/main/Main.java"
run up
check "a newer source is built" 0 "Building what has changed"
touch -t 200001010000 "$clone/relay/src/main/Main.java"
touch -t 202901010000 "$clone/target/.built-app"
run up
builds
check "and then no more" 0 "2 builds"
rm "$clone/worker/target/tendril-worker-0.1.0-SNAPSHOT-all.jar"
run worker run
check "a missing jar is built" 0 "  contract"
check "and run" 0 "tendril-worker-0.1.0-SNAPSHOT-all.jar"

ln -s "$clone/tendril" "$work/link"
launcher=$work/link run up
check "works through a link" 0 "dev.tendril.relay.up.Up"

rm "$clone/target/.built-app"
maven "[ERROR] Could not transfer artifact x: Temporary failure in name resolution" 1
run up
check "no network" 1 "Maven cannot reach its repository"
check "names the log" 1 "$clone/target/build.log"
maven "npm error code ENOTFOUND" 1
run up
check "no network for npm" 1 "npm cannot reach its registry"
maven "[ERROR] IOException: No space left on device" 1
run up
check "a full disk" 1 "the disk is full"
maven "[ERROR] Main.java:[1,1] ';' expected" 1
run up
check "a failed build shows its errors" 1 "';' expected"
run up
check "and is tried again" 1 "the build failed"
printf '#!/bin/sh\necho "x\nx 1 1 %s"\n' 20480 > "$work/bin/df"
chmod +x "$work/bin/df"
run up
check "little space is noticed before the build" 1 "only 20 MB are free"
rm "$work/bin/df" "$work/bin/npm"
run up
check "no npm" 1 "npm is needed to build the pages"
rm "$work/bin/mvn"
run up
check "no Maven" 1 "Maven is needed to build"

{
    printf '<?xml version="1.0" encoding="UTF-8"?>\n'
    printf '<testsuite name="launcher" tests="%s" failures="%s" errors="0" skipped="0">\n' \
        "$tests" "$failures"
    cat "$cases"
    printf '</testsuite>\n'
} > "$report"
printf '  %s checks, %s failed\n' "$tests" "$failures"
[ "$failures" -eq 0 ]
