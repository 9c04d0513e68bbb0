-- Only where: users.id uuid
-- A row as copy_users gives it, its columns in the same order; one that is there stands.
insert into users (id, email, phone_number, user_data, created_at, updated_at)
values ($1, $2, $3, $4, $5, $6)
on conflict do nothing
