select kind, text from runwake_note order by place
