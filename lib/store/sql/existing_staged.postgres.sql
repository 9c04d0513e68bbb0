-- The runs of kept events. $1 after which place, $2 up to which
select id from runwake_import where place > $1 and place <= $2
