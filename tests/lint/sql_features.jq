# SPDX-License-Identifier: MIT
# What the statements of each file's parse tree (sql_parse.c) make use of, a line "FILE<tab>FEATURE" each, for sql_subset.sh.

def names: map(.String.sval // empty);
def schema_changes: ["CreateStmt", "IndexStmt", "AlterTableStmt", "ViewStmt", "DropStmt", "RenameStmt", "CommentStmt"];

def of_index:
  (if .accessMethod != "btree" then "index \(.accessMethod)" else empty end),
  (if .whereClause then (if .unique then "partial unique index" else "partial index" end) else empty end),
  (.indexParams[].IndexElem
    | (if .expr then "index on an expression" else empty end),
      (if .opclass then "operator class \(.opclass | names | last)" else empty end),
      (if .ordering == "SORTBY_DESC" then "index in descending order" else empty end));

def of_node:
  (to_entries[] | select(.key | test("^[A-Z]")) | .key as $node | .value |
    ("node \($node)"),
    (if $node == "FuncCall" then "function \(.funcname | names | last)",
        (if .over then "window function" else empty end)
     elif $node == "A_Expr" and .name then "operator \(.name | names | last)"
     elif $node == "Constraint" then "constraint \(.contype | ltrimstr("CONSTR_"))"
     elif $node == "IndexStmt" then of_index
     elif $node == "LockingClause" then
       "locking \(.strength | ltrimstr("LCS_"))",
       (if .waitPolicy != "LockWaitBlock" then "locking \(.waitPolicy)" else empty end)
     elif $node == "ColumnDef" then
       "column type \(.typeName.names | names | last)",
       (if .typeName.arrayBounds then "column of an array type" else empty end)
     elif $node == "TypeCast" then "cast to \(.typeName.names | names | last)"
     elif $node == "DefElem" then "storage parameter \(.defname)"
     elif $node == "AlterTableCmd" then "alter table \(.subtype | ltrimstr("AT_"))"
     elif $node == "TransactionStmt" then "transaction \(.kind)"
     elif $node == "ColumnRef" then
       (.fields | names | last // "" | select(. as $n | ["xmin", "xmax", "cmin", "cmax", "ctid", "tableoid", "oid"] | index($n))
         | "system column \(.)")
     elif $node == "InsertStmt" then
       (if .onConflictClause then "on conflict \(.onConflictClause.action | ltrimstr("ONCONFLICT_"))" else empty end),
       (if [.selectStmt.SelectStmt.valuesLists // empty | .. | objects | select(has("SubLink"))] != [] then "subquery in values" else empty end)
     elif $node == "SelectStmt" then
       (if .withClause then "with" else empty end),
       (if .withClause.recursive then "with recursive" else empty end)
     else empty end));

def of_tree:
  [.stmts[].stmt | keys[0]] as $kinds |
  (if ([$kinds[] | select(. as $k | schema_changes | index($k))] | length) > 1 then "several schema changes in one transaction" else empty end),
  (.. | objects |
    of_node,
    (if .relpersistence and .relpersistence != "p" then "table that is temporary or unlogged" else empty end),
    (if .returningList then "returning" else empty end),
    (if .collClause or .CollateClause then "collate" else empty end),
    (if .partspec or .inhRelations then "partitions" else empty end));

.file as $file | .tree | of_tree | "\($file)\t\(.)"
