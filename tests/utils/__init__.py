"""What programs have beside networks: data in batches."""
