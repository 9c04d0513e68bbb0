#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Services that refuse, lie or mean harm; and where the key goes: to the service, in one header, and nowhere else.
# shellcheck source=tests/e2e/harness.sh
. "$(dirname "$0")/harness.sh"
# shellcheck source=tests/e2e/remote_common.bash
. "$(dirname "$0")/remote_common.bash"

begun() # sets run, which the service says runs
{
	run=$(start_run)
	wait_until 180 run_is "$run" num_turns 1
}

refused_to_the_end() # MODE WHAT-IT-SAYS
{
	local run
	begun
	service_does "$1"
	wait_until 180 run_is "$run" status failed
	expect_match "why" "$(in_store "select error_message from workflow_runs where run_id = '$run'")" "not known: .*$2"
	expect_exit 1 runwake doctor
	expect_match "doctor" "$(cat "$T/out")" "broken  remote +$run: given up: .*$2"
	# A service's own words reach no terminal raw.
	! grep -q $'\x1b' "$T/out"
	wait_until 180 no_poller_is_left
	service_does ""
	stands "$run" "$FINISHED"
	runwake remote track lab "$run"
	wait_until 180 run_is "$run" "status || '|' || result" "completed|It is done" # a reported end outranks
	wait_until 180 nothing_is_followed
}

redirects_are_not_followed()
{
	local other=$T/elsewhere run
	mkdir -p "$other/runs"
	python3 "$ROOT/tests/e2e/run_api.py" "$other" >>"$T/service.out" 2>&1 </dev/null &
	wait_until 180 test -s "$other/pid"
	service_does "redirect http://127.0.0.1:$(cat "$other/port")/api/v1/workflows/claude-code/run/fix"
	expect_exit 1 start_run
	expect_match "what it says" "$(cat "$T/err")" "sends us elsewhere"
	service_does ""
	begun
	service_does "redirect http://127.0.0.1:$(cat "$other/port")/"
	wait_until 180 has_trouble "$run" "sends us elsewhere"
	kill "$(cat "$other/pid")"
	[ ! -e "$other/asked" ] || fail "it was followed: $(cat "$other/asked")"
	forget_all
}

lies_do_no_harm() # FILE
{
	local run count lie=$T/lie
	begun
	printf '%s' "$1" >"$lie"
	service_does "lie $lie"
	count=$(asked "GET .*$run")
	wait_until 180 asked_more_than "$((count + 1))" "GET .*$run"
	expect_eq "set aside" "$(find "$STATE/spool/quarantine" -name '*.line' | wc -l)" 0
	run_is "$run" "status || '|' || (total_tokens between 0 and 1000000000000) || '|' || (cost_estimate >= 0)" "running|1|1"
	service_does ""
	stands "$run" "$FINISHED"
	wait_until 180 run_is "$run" status completed
}

deep() # a hundred thousand brackets within a status
{
	printf '{"status":"running","progress":'
	head -c 100000 /dev/zero | tr '\0' '['
	head -c 100000 /dev/zero | tr '\0' ']'
	printf '}'
}

broken_answers() # MODE WHAT-IT-SAYS
{
	local run
	begun
	service_does "$1"
	wait_until 180 has_trouble "$run" "$2"
	run_is "$run" status running
	service_does ""
	stands "$run" "$FINISHED"
	wait_until 180 run_is "$run" status completed
}

# The product's thirty seconds, which the script lasts for; so the very first answer is such a one.
an_answer_that_drips()
{
	local run
	service_does drip
	run=$(start_run)
	wait_until 180 has_trouble "$run" "timed out"
	run_is "$run" status running
	service_does ""
	stands "$run" "$FINISHED"
	wait_until 180 run_is "$run" status completed
}

the_end_is_the_end()
{
	local run count
	begun
	stands "$run" "$FINISHED"
	wait_until 180 run_is "$run" status completed
	stands "$run" '{"status":"running"}'
	count=$(asked "GET .*$run")
	expect_exit 3 runwake remote track lab "$run"
	expect_match "what it says" "$(cat "$T/err")" "has ended"
	nothing_is_followed
	expect_eq "questions" "$(asked "GET .*$run")" "$count"
	run_is "$run" "status || '|' || result" "completed|It is done"
}

one_that_was_forgotten_is_taken_up()
{
	local run
	begun
	runwake remote forget "$run"
	wait_until 180 no_poller_is_left
	stands "$run" "$FINISHED"
	runwake remote track lab "$run"
	wait_until 180 run_is "$run" "status || '|' || task_input" "completed|Repair the login"
	expect_eq "starts told" "$(events_of "$run" run-started)" 1
}

another_machine_s_run_id()
{
	local here
	new_repo "$T/here"
	here=$(cd "$T/here" && runwake start --workflow fix --run-id job-17)
	printf '%s\n' "$here" >"$SERVICE/next-id"
	expect_exit 1 start_run
	expect_match "what it says" "$(cat "$T/err")" "a run of this machine"
	(cd "$T/here" && runwake finish >/dev/null)
	expect_exit 5 start_run
	expect_match "after its end" "$(cat "$T/err")" "recorded already"
	rm "$SERVICE/next-id"
	expect_exit 5 runwake remote track lab job-17
	nothing_is_followed
}

secrets_are_redacted()
{
	local run secret=sk-ant-api03-AbCdEfGhIjKlMnOpQrStUvWxYz0123456789AbCdEfGhIj
	run=$(runwake remote start lab fix --task "Use $secret for it")
	stands "$run" "{\"status\":\"completed\",\"progress\":{\"is_running\":false},\"result\":{\"success\":true,\"final_output\":\"I used $secret\"}}"
	wait_until 180 run_is "$run" "task_input || '|' || result" "Use [redacted] for it|I used [redacted]"
	expect_eq "where it is" "$(grep -rlF "$secret" "$STATE" || :)" ""
}

# The key is read by one process, which no other of the user may look into, and stands nowhere else.
the_key_goes_nowhere()
{
	local run pid
	begun
	for pid in $(pollers); do
		! tr '\0' '\n' <"/proc/$pid/cmdline" | grep -F "$KEY" || fail "it is in the command line"
		! tr '\0' '\n' <"/proc/$pid/environ" | grep -F "$KEY" || fail "it is in the environment"
		expect_match "cores" "$(cat "/proc/$pid/limits")" 'Max core file size +0 +0 '
	done
	expect_eq "requests without it" "$(asked ' nokey$')" 0
	stands "$run" "$FINISHED"
	wait_until 180 run_is "$run" status completed
	runwake list >"$T/shown"; runwake show "$run" >>"$T/shown"; runwake remote list >>"$T/shown"
	runwake doctor >>"$T/shown" 2>&1 || :
	expect_eq "where it is" "$(grep -rlF "$KEY" "$STATE" "$T/shown" "$XDG_CONFIG_HOME" || :)" ""
}

keys_that_others_may_read()
{
	chmod 640 "$T/key"
	expect_exit 1 start_run
	expect_match "what it says" "$(cat "$T/err")" "others may read the key's file .*chmod 600"
	printf 'two words\n' >"$T/key" && chmod 600 "$T/key"
	expect_exit 1 start_run
	! grep -F "two words" "$T/err" || fail "it says what the file holds"
	rm "$T/key"
	expect_exit 1 start_run
	write_key
	nothing_is_followed
}

urls_that_are_refused()
{
	local url
	for url in http://example.org http://127.0.0.1.example.org https://user:word@example.org ftp://example.org \
		"https://example.org/?key=x" "https://example.org#x" https:// 'https://example.org\@evil.org' http://0x7f.1; do
		expect_exit 2 runwake remote add bad "$url"
		expect_exit 2 runwake remote start "$url" fix --task x
	done
	expect_exit 4 runwake remote start nobody fix --task x
}

a_proxy_gets_no_key()
{
	local run
	export http_proxy=http://127.0.0.1:9 HTTP_PROXY=http://127.0.0.1:9 all_proxy=http://127.0.0.1:9
	begun
	stands "$run" "$FINISHED"
	wait_until 180 run_is "$run" status completed
}

certificates_are_verified()
{
	local run SERVICE=$T/tls
	needs openssl
	openssl req -x509 -newkey rsa:2048 -nodes -keyout "$T/tls.pem" -out "$T/ca.pem" -days 2 -subj /CN=localhost \
		-addext subjectAltName=DNS:localhost 2>/dev/null
	cat "$T/ca.pem" >>"$T/tls.pem"
	mkdir -p "$SERVICE"
	start_service "$T/tls.pem"
	expect_exit 1 runwake remote start "https://localhost:$(cat "$SERVICE/port")" fix --task x --key-file "$T/key"
	expect_match "what it says" "$(cat "$T/err")" "not begun: .*certificate"
	[ ! -e "$SERVICE/asked" ]
	runwake remote add safe "https://localhost:$(cat "$SERVICE/port")" --key-file "$T/key" --ca-file "$T/ca.pem"
	expect_exit 5 runwake remote add safe https://localhost
	run=$(runwake remote start safe fix --task x)
	stands "$run" "$FINISHED"
	wait_until 180 run_is "$run" status completed
	expect_exit 1 runwake remote start "https://127.0.0.1:$(cat "$SERVICE/port")" fix --task x --ca-file "$T/ca.pem"
	runwake remote remove safe
	expect_exit 4 runwake remote remove safe
}

CASE_SETTINGS=("	patience = 2")
side_by_side "an answer that comes byte by byte" an_answer_that_drips
side_by_side "a key that is not taken any more" refused_to_the_end 401 "does not take the key"
side_by_side "a run that the service does not know any more" refused_to_the_end 404 "does not know it"
side_by_side "the status of another run" refused_to_the_end other "another run's status"
side_by_side "redirects are not followed" redirects_are_not_followed
side_by_side "negative, huge and no numbers" lies_do_no_harm \
	'{"status":"running","metrics":{"cost_usd":NaN,"tokens":{"input":-5,"output":1e400,"total":1000000000000000000000000000000}},"progress":{"turns":-1}}'
side_by_side "deep nesting" lies_do_no_harm "$(deep)"
side_by_side "members twice, of other types, with ill-formed text" lies_do_no_harm \
	$'{"status":"running","status":"running","run_id":null,"result":[{}],"metrics":"x","progress":7,"error":"\xff\\ud800\\u0000"}'
side_by_side "a page instead of JSON" broken_answers html "no run's status"
side_by_side "an answer of 100 MB" broken_answers huge "larger than it may be"
side_by_side "what has ended does not run again" the_end_is_the_end
side_by_side "one that was forgotten is taken up" one_that_was_forgotten_is_taken_up
side_by_side "a run id that is another's" another_machine_s_run_id
side_by_side "secrets are redacted" secrets_are_redacted
side_by_side "the key goes nowhere else" the_key_goes_nowhere
side_by_side "keys that others may read are refused" keys_that_others_may_read
side_by_side "URLs that are refused" urls_that_are_refused
side_by_side "plain http goes past any proxy" a_proxy_gets_no_key
side_by_side "certificates are verified" certificates_are_verified
end_side_by_side
end_tests
