"""What is heard: lines that are said, the voices that say them, and music."""
