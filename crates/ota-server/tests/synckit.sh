#!/bin/sh
# The SyncKit OTA API from log-in to deletion, as a publish script and a device walk it (protocols.md 5).
# Usage: synckit.sh HOST TOKEN APP WORK_FOLDER
# Nothing here knows of Switchtower but the host and the secrets.
set -eu

host=$1 password=$2 api_key=$3 work=$4

fail() { echo "FAILED: $*" >&2; exit 1; }
said() { echo "ok: $*"; }
# The text of a field of a flat JSON object.
field() { sed -n "s/.*\"$1\":\"\([^\"]*\)\".*/\1/p" "$2"; }
# Asks, keeps the body, and fails when the status is another one: ask STATUS BODY_FILE CURL_ARGUMENTS…
ask() {
    wanted=$1 body=$2; shift 2
    status=$(curl --silent --show-error --output "$body" --write-out '%{http_code}' "$@")
    [ "$status" = "$wanted" ] || fail "$* gave $status, not $wanted: $(cat "$body")"
}

# 1 · Log in.
ask 200 "$work/auth" -X POST "$host/api/sync/auth" -H 'Content-Type: application/json' \
    -d "{\"email\":\"mika@example.net\",\"password\":\"$password\",\"api_key\":\"$api_key\"}"
token=$(field token "$work/auth") app=$(field app_id "$work/auth")
[ -n "$token" ] && [ -n "$app" ] && [ -n "$(field user_id "$work/auth")" ] || fail "the log-in lacks a field"
said "logged in to $app"
auth="Authorization: Bearer $token" json='Content-Type: application/json'
api="$host/api/sync/ota/apps/$app"

# 2 · The slug.
ask 200 "$work/slug" -X PUT "$api/slug" -H "$auth" -H "$json" -d "{\"slug\":\"$api_key\"}"
ask 400 "$work/slug" -X PUT "$api/slug" -H "$auth" -H "$json" -d '{"slug":"-x-"}'
[ "$(field error "$work/slug")" = "Slug cannot start or end with a hyphen" ] || fail "the slug's error says $(cat "$work/slug")"
said "the slug is confirmed"

# 3 · A release, its artifact, its bytes.
printf '#!/bin/sh\necho the new version\n' > "$work/artifact"
size=$(($(wc -c < "$work/artifact")))
ask 201 "$work/release" -X POST "$api/releases" -H "$auth" -H "$json" \
    -d '{"version":"1.1.0","notes":"Fixes the login","signature":"c2lnbmF0dXJl"}'
release=$(field id "$work/release")
ask 204 "$work/check" "$host/api/sync/ota/$api_key/linux/x86_64/1.0.0"
said "a release without bytes is offered to nobody"
ask 201 "$work/announced" -X POST "$api/releases/$release/artifacts" -H "$auth" -H "$json" \
    -d "{\"target\":\"linux\",\"arch\":\"x86_64\",\"file_size\":$size}"
[ "$(field s3_key "$work/announced")" = "ota/$api_key/1.1.0/linux-x86_64" ] || fail "s3_key is $(cat "$work/announced")"
url=$(field upload_url "$work/announced")
ask 403 "$work/upload" -X PUT --data-binary "@$work/artifact" "${url}0"
ask 200 "$work/upload" -X PUT --data-binary "@$work/artifact" "$url"
said "uploaded to a URL that needs no header"

# 4 · What publishers see.
ask 200 "$work/list" "$api/releases" -H "$auth"
grep -q "\"id\":\"$release\"" "$work/list" || fail "the list lacks the release: $(cat "$work/list")"
ask 401 "$work/list" "$api/releases"
[ -n "$(field error "$work/list")" ] || fail "no error in words: $(cat "$work/list")"
said "the release is listed, for those who are logged in"

# 5 · What devices see.
ask 200 "$work/check" "$host/api/sync/ota/$api_key/linux/x86_64/1.0.0"
[ "$(field version "$work/check")" = 1.1.0 ] || fail "the check says $(cat "$work/check")"
[ "$(field notes "$work/check")" = "Fixes the login" ] || fail "the check says $(cat "$work/check")"
[ "$(field signature "$work/check")" = c2lnbmF0dXJl ] || fail "the signature changed: $(cat "$work/check")"
[ -n "$(field pub_date "$work/check")" ] || fail "no date: $(cat "$work/check")"
ask 204 "$work/none" "$host/api/sync/ota/$api_key/linux/x86_64/1.1.0"
ask 204 "$work/none" "$host/api/sync/ota/$api_key/darwin/aarch64/1.0.0"
[ ! -s "$work/none" ] || fail "204 has a body"
said "older devices are offered it, others are not"
download=$(field url "$work/check")
ask 302 "$work/moved" "$download"
ask 200 "$work/fetched" --location "$download"
cmp "$work/artifact" "$work/fetched" || fail "other bytes came"
said "the bytes came back through a redirect"

# 6 · A newer one, and its end.
ask 201 "$work/release2" -X POST "$api/releases" -H "$auth" -H "$json" -d '{"version":"1.2.0"}'
release2=$(field id "$work/release2")
ask 201 "$work/announced" -X POST "$api/releases/$release2/artifacts" -H "$auth" -H "$json" \
    -d "{\"target\":\"linux\",\"arch\":\"x86_64\",\"file_size\":$size}"
ask 200 "$work/upload" -X PUT --data-binary "@$work/artifact" "$(field upload_url "$work/announced")"
ask 200 "$work/check" "$host/api/sync/ota/$api_key/linux/x86_64/1.1.0"
[ "$(field version "$work/check")" = 1.2.0 ] || fail "the check says $(cat "$work/check")"
download=$(field url "$work/check")
ask 204 "$work/none" -X DELETE "$api/releases/$release2" -H "$auth"
ask 204 "$work/none" "$host/api/sync/ota/$api_key/linux/x86_64/1.1.0"
ask 404 "$work/moved" "$download"
ask 200 "$work/check" "$host/api/sync/ota/$api_key/linux/x86_64/1.0.0"
[ "$(field version "$work/check")" = 1.1.0 ] || fail "the check says $(cat "$work/check")"
said "a deleted release is offered to nobody, and the one before is again"
echo "all steps passed"
