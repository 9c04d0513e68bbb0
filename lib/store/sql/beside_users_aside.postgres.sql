alter table users rename to runwake_users_aside
