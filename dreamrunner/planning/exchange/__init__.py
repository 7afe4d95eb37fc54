"""Plans that others have published, as stories, and back."""
