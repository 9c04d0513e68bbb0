alter table runwake_users_aside rename to users
