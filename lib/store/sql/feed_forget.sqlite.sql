-- Nothing waits to be fed from now on.
delete from workflow_unfed
