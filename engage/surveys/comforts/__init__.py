"""What makes answering easier: how one likes to read, coming back later, a copy to keep."""
