"""What is checked of scenes, part by part."""
