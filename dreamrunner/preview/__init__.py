"""A page beside the editor that shows the storyboard anew on every save, and moves its boxes."""
