  and case when cast($1 as text) is null then true else r.git_branch = $1 end
