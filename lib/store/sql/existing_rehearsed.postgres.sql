-- Names are told as they are known here. What is temporary is still found, as pg_temp's.
set local search_path to default
