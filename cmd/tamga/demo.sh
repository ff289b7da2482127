#!/bin/sh
# The tour: a server with test keys, two signed files, an identity document,
# and one verdict each. Everything happens in a folder of its own.
#
#   demo.sh [TAMGA]        the binary, ./bin/tamga unless given
set -eu

root=$(cd "$(dirname "$0")/../.." && pwd)
tamga=${1:-$root/bin/tamga}
samples=$root/testdata/demo
here=$(mktemp -d "${TMPDIR:-/tmp}/tamga-demo.XXXXXX")
server=
trap 'test -z "$server" || kill "$server" 2>/dev/null || true' EXIT
trap 'exit 6' INT TERM

TAMGA_DATA=$here/data
export TAMGA_DATA
say() { printf '\n\033[1m$ %s\033[0m\n' "$*"; }
test -t 1 || say() { printf '\n$ %s\n' "$*"; }

cp "$samples/contract.pdf" "$samples/report.docx" "$samples/person.json" "$here"
cd "$here"

say 'tamga serve --dev &'
"$tamga" serve --dev --listen 127.0.0.1:0 2>server.log &
server=$!
url=
tries=0
while test -z "$url"; do
	url=$(sed -n 's/^Tamga is at  *//p' server.log)
	tries=$((tries + 1))
	if test "$tries" -gt 100 || ! kill -0 "$server" 2>/dev/null; then
		cat server.log >&2
		echo "demo: the server did not start" >&2
		exit 1
	fi
	test -n "$url" || sleep 0.1
done
sed -n '1,/^The token/p' server.log

say 'tamga sign contract.pdf'
"$tamga" sign contract.pdf
say 'tamga sign --format cades report.docx'
"$tamga" sign --format cades report.docx
say 'tamga issue pid --claims person.json'
"$tamga" issue pid --claims person.json
say 'tamga verify contract.signed.pdf report.docx.p7s pid.mdoc pid.sdjwt'
"$tamga" verify contract.signed.pdf report.docx.p7s pid.mdoc pid.sdjwt
say "curl -F file=@contract.signed.pdf $url/v1/verify"
if command -v curl >/dev/null; then
	curl -sS -F file=@contract.signed.pdf "$url/v1/verify" >verdict.json
	head -c 400 verdict.json
	printf ' …\n(all of it is in verdict.json)\n'
else
	echo '(curl is not installed: the same report is what tamga verify --json prints)'
	"$tamga" verify --json contract.signed.pdf >verdict.json
fi

say 'one byte changed: tamga verify changed.pdf'
cp contract.signed.pdf changed.pdf
printf 'X' | dd of=changed.pdf bs=1 seek=1000 conv=notrunc 2>/dev/null
code=0
"$tamga" verify changed.pdf || code=$?
echo "(exit code $code)"
if test "$code" -ne 2; then
	echo "demo: a changed file must end with exit code 2" >&2
	exit 1
fi

kill -TERM "$server"
wait "$server" || true
server=
cat <<END

Done. The server has stopped; what was made is in
  $here
Go on by hand:
  export TAMGA_DATA=$TAMGA_DATA
  $tamga inspect $here/contract.signed.pdf
  $tamga verify -v --lang uk $here/pid.sdjwt
  $tamga serve --dev
END
