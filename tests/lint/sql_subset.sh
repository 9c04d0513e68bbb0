#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# PostgreSQL is spoken by engines that run on many machines, each without some of it. What our statements and the core
# schema make use of is therefore listed here, and whatever is not is refused: triggers, sequences, LISTEN, advisory
# locks, PL/pgSQL, temporary tables and so on. Migrations in a directory of their own (migrations/postgres/*/) are the
# owner's choice and not looked at. docs/distributed.md says what each engine needs.
# PostgreSQL's own parser (libpg_query) reads the statements as they are embedded, the parts that they include in place.
# shellcheck source=tests/lint/tap.bash
. "$(dirname "$0")/tap.bash"

PAGE=docs/distributed.md
scratch=$(mktemp -d "${TMPDIR:-/tmp}/runwake-lint.XXXXXX")
trap 'rm -rf "$scratch"' EXIT

# Every engine has these, as far as their manuals say.
cat >"$scratch/allowed" <<'END'
alter table AddColumn
cast to date
cast to int4
cast to int8
cast to jsonb
cast to numeric
cast to text
cast to timestamptz
cast to uuid
column type bool
column type date
column type int4
column type int8
column type numeric
column type text
column type timestamptz
column type uuid
column type varchar
constraint CHECK
constraint DEFAULT
constraint NOTNULL
constraint PRIMARY
function count
function gen_random_uuid
function left
function max
function min
function now
function octet_length
function row_number
function substr
function sum
node A_Const
node A_Expr
node AlterTableCmd
node AlterTableStmt
node BoolExpr
node CaseExpr
node CaseWhen
node CoalesceExpr
node CollateClause
node ColumnDef
node ColumnRef
node Constraint
node CreateStmt
node DefElem
node DeleteStmt
node DropStmt
node FuncCall
node IndexElem
node IndexStmt
node InsertStmt
node Integer
node JoinExpr
node List
node LockingClause
node MinMaxExpr
node NullTest
node ParamRef
node RangeFunction
node RangeSubselect
node RangeVar
node ResTarget
node RowExpr
node SelectStmt
node SortBy
node String
node SubLink
node TypeCast
node UpdateStmt
node ViewStmt
on conflict NOTHING
on conflict UPDATE
operator !~~
operator +
operator -
operator /
operator <
operator <=
operator <>
operator =
operator >
operator >=
operator ~~
returning
window function
END

# What the core uses although an engine lacks it, or may: its profile has to do without. The page names each.
cat >"$scratch/exceptions" <<'END'
alter table AddConstraint
alter table DropConstraint
collate
column type jsonb
constraint FOREIGN
constraint UNIQUE
function current_database
function current_setting
function jsonb_array_elements_text
function jsonb_to_recordset
function pg_backend_pid
function pg_database_size
function set_config
function to_regclass
function unnest
index gin
index in descending order
index on an expression
locking FORUPDATE
node MultiAssignRef
operator class jsonb_path_ops
partial index
partial unique index
several schema changes in one transaction
storage parameter fillfactor
END

# One of each kind that must be found.
cat >"$scratch/forbidden" <<'END'
create trigger t before insert on r for each row execute function f()
create sequence s
create table r (id bigserial primary key)
create table r (id bigint generated always as identity)
select nextval('s')
listen news
notify news
select pg_notify('news', '')
select pg_advisory_xact_lock(1)
lock table r
truncate r
savepoint s
create temp table r (a int)
create unlogged table r (a int)
do $$ begin end $$
create function f() returns int language plpgsql as $$ begin return 1; end $$
create extension citext
create table r (a citext)
create table r (a text[])
grant select (a) on r to p
insert into r (a) values ((select 1))
select a::text from r
select xmin from r
select r.ctid from r
select a from r for update skip locked
select a from r for update nowait
select a from r for share
create table r (a int) partition by range (a)
create table r (a int) inherits (q)
create materialized view v as select 1
create index i on r using brin (a)
create index i on r (a text_pattern_ops)
alter table r alter column a type text
alter table r add constraint c exclude using gist (a with =)
with recursive w as (select 1) select * from w
with w as (select 1) select * from w
with w as (delete from r returning a) select * from w
merge into r using q on true when matched then delete
select * from r where m @> '{}'
select a from r tablesample system (1)
copy r from stdin
set local statement_timeout = 0
create rule u as on insert to r do nothing
vacuum r
END

# A line "FILE<tab>FEATURE" for each; one look for all files, since programs that are started by the hundred cost most.
features() # FILE…
{
	local status=0
	"$scratch/sql_parse" "$@" >"$scratch/trees" 2>"$scratch/refused" || status=$?
	sed 's/:.*/\tcannot be read/' "$scratch/refused"
	[ "$status" -le 1 ] || printf 'sql_parse\tfails\n'
	jq -r -f tests/lint/sql_features.jq "$scratch/trees" || printf 'sql_features.jq\tfails\n'
	# The tree knows a cast, not how it is written. Comments and strings may hold anything.
	awk -v quoted="'[^']*'" '{ gsub(quoted, ""); sub(/--.*/, "") } /::/ { print FILENAME "\tcast by two colons" }' "$@"
}

# Not part of what is recorded and read day by day, and so left to the engine's own word, or not there at all: existing
# systems' tables, which only a plain PostgreSQL has; what the server's catalogue says of tables and rights; partitions; the
# rows of a store that is moved. The page tells of them as a group.
is_apart() # FILE
{
	case ${1##*/} in
	additions_*|existing_*|beside_*|copy_*|store_column.*|store_rights.*|store_roles.*|store_partitions.*|size_tables.*)	return 0 ;;
	esac
	return 1
}

# What PostgreSQL would be given: the common file only where there is no variant.
core_files()
{
	local file
	for file in lib/store/sql/*.sql; do
		is_apart "$file" && continue
		case $file in
		*.sqlite.sql)	;;
		*.postgres.sql)	echo "$file" ;;
		*)		[ -f "${file%.sql}.postgres.sql" ] || echo "$file" ;;
		esac
	done
	printf '%s\n' migrations/postgres/*.sql
}

# The files as they are embedded: one that includes parts is put together below $scratch/whole, by what embeds it.
embedded() # FILE…
{
	local file
	for file; do
		if grep -q '^-- include ' "$file"; then
			mkdir -p "$scratch/whole/$(dirname "$file")"
			sh lib/store/embed_sql.sh --whole "$file" >"$scratch/whole/$file"
			file=$scratch/whole/$file
		fi
		echo "$file"
	done
}

# Those lines of features that the lists do not have.
outside()
{
	awk -F '\t' 'NR == FNR { known[$0]; next } !($2 in known)' "$scratch/known" - | sort -u
}

the_core_keeps_to_it()
{
	outside <"$scratch/core" | sed -e 's/\t/: /' -e "s|^$scratch/whole/||"
}

every_kind_is_found()
{
	local statement file count=0
	local -a files=()
	while read -r statement; do
		files+=("$scratch/forbidden-$((++count)).sql")
		echo "$statement" >"${files[-1]}"
	done <"$scratch/forbidden"
	features "${files[@]}" | outside >"$scratch/found"
	grep -P '\t(cannot be read|fails)$' "$scratch/found"
	cut -f 1 "$scratch/found" | sort -u | comm -13 - <(printf '%s\n' "${files[@]}" | sort) | while read -r file; do
		echo "not found: $(cat "$file")"
	done
	# Also in a part that a statement includes.
	mkdir "$scratch/parts"
	echo "and pg_advisory_lock(1) is null" >"$scratch/parts/hidden.sql"
	printf '%s\n' "select 1 from r where true" "-- include hidden" >"$scratch/one.sql"
	features "$(embedded "$scratch/one.sql")" | outside | grep -q advisory || echo "not found: what an included part says"
	# And what is allowed is not.
	echo "-- xmin::text
		select a, 'b::c' from r where a = cast(\$1 as text) order by a limit 3" >"$scratch/one.sql"
	features "$scratch/one.sql" | outside
}

# Nothing in the lists that nobody uses any more, and every exception in the page.
the_lists_are_true()
{
	local feature part
	for part in lib/store/sql/parts/*.sql; do
		grep -qx -- "-- include $(basename "$part" .sql)" lib/store/sql/*.sql || echo "$part: nobody includes it"
	done
	cut -f 2 "$scratch/core" | sort -u >"$scratch/used"
	sort "$scratch/allowed" "$scratch/exceptions" | uniq -d | sed 's/$/: twice/'
	comm -23 "$scratch/known" "$scratch/used" | sed 's/$/: in the lists, and nowhere used/'
	while read -r feature; do
		grep -qF "| \`$feature\` |" "$PAGE" || echo "$PAGE does not tell of '$feature'"
	done <"$scratch/exceptions"
}

NAME="the core keeps to the SQL that distributed engines have"
if ! command -v jq >/dev/null || ! cc -o "$scratch/sql_parse" tests/lint/sql_parse.c -lpg_query 2>"$scratch/why"; then
	lint_skip "$NAME" "libpg_query or jq is not installed"
	end_lint
fi
sort -u "$scratch/allowed" "$scratch/exceptions" >"$scratch/known"
mapfile -t core < <(core_files)
mapfile -t core < <(embedded "${core[@]}")
features "${core[@]}" >"$scratch/core"
lint "$NAME" the_core_keeps_to_it
lint "the lint finds each kind of statement that it must" every_kind_is_found
lint "its lists are true, and the page names the exceptions" the_lists_are_true
end_lint
