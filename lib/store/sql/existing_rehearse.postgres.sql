-- What is made from here on to the end of the transaction is temporary.
set local search_path = pg_temp
