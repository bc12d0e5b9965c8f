"""What every slice stands on: settings, database, jobs, storage, time. It has no word of the product's domain."""
