"""What makes the results of the tasks that teach a backbone, a module each: a key holds the code that its maker's
module imports, so each imports no more than it needs."""
