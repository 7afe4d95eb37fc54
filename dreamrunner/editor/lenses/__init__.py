"""Links above each scene: its preview, its film, its storyboard, its takes."""
